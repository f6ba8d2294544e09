"""The distribution of scores: bins of five points that no band's edge runs through."""

from datetime import datetime
from itertools import pairwise

from sqlmodel import Session

from db.queries import distribution as queries
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
    edges = bin_edges(model.bands)
    counts = queries.count_between(session, edges=edges[:-1], now=now)
    return [
        ScoreBin(start=start, end=end, status=_band(start, model.bands), customers=counts.get(n, 0))
        for n, (start, end) in enumerate(pairwise(edges), 1)
    ]


def bin_edges(bands: Bands) -> list[float]:
    """0, 5, … 100, and the bands' edges, so that each bin lies within one band."""
    steps = (float(step) for step in range(0, 101, STEP))
    return sorted({*steps, bands.at_risk, bands.healthy})


def _band(score: float, bands: Bands) -> Status:
    if score >= bands.healthy:
        return "healthy"
    return "at_risk" if score >= bands.at_risk else "critical"
