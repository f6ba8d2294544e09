"""What a scoring model would do to the whole portfolio, before anybody publishes it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Row
from sqlmodel import Session

from scoring.engine import score_columns
from scoring.model import ScoringModel
from services.clock import utc_day
from services.dashboard import AT_RISK
from services.model_portfolio import portfolio
from services.model_views import Crosser, Crossing, ModelPreview, Outlook
from services.scoring_models import active_model
from services.views import STATUSES, StatusCounts

CROSSERS, CLIMBERS = 100, 10
_BINS = 20
_NOTHING = Decimal(0)


class _Judged(NamedTuple):
    """The customers by one model, in one order."""

    scores: NDArray[np.float64]
    statuses: list[str]
    places: NDArray[np.int64]
    """From the lowest score, ties by id; 0 without a score."""


def preview(session: Session, *, model: ScoringModel, now: datetime) -> ModelPreview:
    """Compare a model with the active one, for everybody who hasn't left, on today's facts."""
    active, _ = active_model(session)
    customers, facts = portfolio(session, model, active, now=now)
    old, new = (_judged(facts, each) for each in (active, model))
    arr = [row.arr or _NOTHING for row in customers]
    segments = facts["segment"].tolist()

    def told(index: int) -> Crosser:
        return _crosser(customers[index], segments[index], old, new, index)

    crossing = [n for n in range(len(arr)) if old.statuses[n] != new.statuses[n]]
    moved = np.where((old.places > 0) & (new.places > 0), abs(new.places - old.places), 0)
    farthest = [int(n) for n in np.argsort(-moved, kind="stable")[:CLIMBERS] if moved[n]]
    largest = sorted(crossing, key=lambda n: -arr[n])[:CROSSERS]
    return ModelPreview(
        as_of=utc_day(now),
        customers=len(customers),
        before=_outlook(old, arr),
        after=_outlook(new, arr),
        crossings=_crossings(old, new, arr, crossing),
        arr_crossing=sum((arr[n] for n in crossing), _NOTHING),
        rank_correlation=_rank_correlation(old, new),
        crossers=[told(n) for n in largest],
        climbers=[told(n) for n in farthest],
    )


def _judged(facts: dict[str, NDArray[Any]], model: ScoringModel) -> _Judged:
    scored = score_columns(facts, model)
    scores = scored["overall_score"]
    order = np.argsort(scores, kind="stable")  # NaN last
    places = np.empty(len(scores), dtype=np.int64)
    places[order] = np.arange(1, len(scores) + 1)
    return _Judged(scores, scored["status"].tolist(), np.where(np.isnan(scores), 0, places))


def _outlook(judged: _Judged, arr: Sequence[Decimal]) -> Outlook:
    known = judged.scores[~np.isnan(judged.scores)]
    counts, _ = np.histogram(known, bins=_BINS, range=(0, 100))
    told = Counter(judged.statuses)
    return Outlook(
        average_score=float(known.mean()) if len(known) else None,
        by_status=StatusCounts(**{status: told[status] for status in STATUSES}),
        arr_at_risk=sum(
            (
                money
                for money, status in zip(arr, judged.statuses, strict=True)
                if status in AT_RISK
            ),
            _NOTHING,
        ),
        bins=counts.tolist(),
    )


def _crossings(
    old: _Judged, new: _Judged, arr: Sequence[Decimal], crossing: Sequence[int]
) -> list[Crossing]:
    customers: Counter[tuple[str, str]] = Counter()
    money: dict[tuple[str, str], Decimal] = {}
    for n in crossing:
        way = old.statuses[n], new.statuses[n]
        customers[way] += 1
        money[way] = money.get(way, _NOTHING) + arr[n]
    return [
        Crossing.model_validate(
            {"before": way[0], "after": way[1], "customers": count, "arr": money[way]}
        )
        for way, count in customers.most_common()
    ]


def _rank_correlation(old: _Judged, new: _Judged) -> float | None:
    both = ~np.isnan(old.scores) & ~np.isnan(new.scores)
    before, after = (pd.Series(judged.scores[both]) for judged in (old, new))
    if before.nunique() < 2 or after.nunique() < 2:
        return None
    return float(before.rank().corr(after.rank()))


def _crosser(row: Row[Any], segment: str, old: _Judged, new: _Judged, index: int) -> Crosser:
    def score(judged: _Judged) -> float | None:
        value = float(judged.scores[index])
        return None if np.isnan(value) else value

    return Crosser.model_validate(
        {
            **row._mapping,
            "segment": segment,
            "score_before": score(old),
            "score_after": score(new),
            "status_before": old.statuses[index],
            "status_after": new.statuses[index],
            "place_before": int(old.places[index]) or None,
            "place_after": int(new.places[index]) or None,
        }
    )
