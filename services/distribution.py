"""The distribution of scores: bins of five points that no band's edge runs through."""

from datetime import datetime
from itertools import pairwise

from sqlmodel import Session

from db.queries import portfolio
from scoring.model import Bands
from services.scoring_models import active_model
from services.views import Status, View

STEP = 5


class ScoreBin(View):
    """Customers whose score is at least `start` and below `end`."""

    start: float
    end: float
    status: Status
    customers: int

    @property
    def closed(self) -> bool:
        """Whether `end` itself belongs to the bin: only 100 does."""
        return self.end == 100


def score_distribution(session: Session, *, now: datetime) -> list[ScoreBin]:
    """Every bin from 0 to 100 in order, empty ones too; churned customers are left out."""
    model, _ = active_model(session)
    bins = [
        ScoreBin(start=start, end=end, status=_band(start, model.bands), customers=0)
        for start, end in pairwise(bin_edges(model.bands))
    ]
    counts = [0] * len(bins)
    for row in portfolio.by_score(session, now=now):
        counts[_place(row.score_bin * STEP, row.status, bins)] += row.customers
    return [
        found.model_copy(update={"customers": n}) for found, n in zip(bins, counts, strict=True)
    ]


def _place(start: int, status: str, bins: list[ScoreBin]) -> int:
    """Which bin holds a total: where a band's edge divides five points, the status tells.

    Right after the bands changed a status may contradict them, until everybody is rescored.
    """
    within = [n for n, found in enumerate(bins) if start <= found.start < start + STEP]
    return next((n for n in within if bins[n].status == status), within[-1])


def bin_edges(bands: Bands) -> list[float]:
    """0, 5, … 100, and the bands' edges, so that each bin lies within one band."""
    steps = (float(step) for step in range(0, 101, STEP))
    return sorted({*steps, bands.at_risk, bands.healthy})


def _band(score: float, bands: Bands) -> Status:
    if score >= bands.healthy:
        return "healthy"
    return "at_risk" if score >= bands.at_risk else "critical"
