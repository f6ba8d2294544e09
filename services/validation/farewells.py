"""The last months of those who left: for how long they had not been healthy, and who still was."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from scipy.stats import CensoredData, ecdf
from sqlmodel import Session

from db.queries import validation as queries
from db.queries.signals import Span
from db.queries.validation import Life, Named
from scoring.engine import score
from scoring.model import ScoringModel
from services.signals import load_spans
from services.validation.observations import Floats
from services.validation.views import Missed, WarningPoint, Warnings
from services.views import Status

LOOKED_AT = 180
BEFORE = 90
"""Days before it left on which a customer must not have been healthy, or it was missed."""
MOST = 300
"""Customers looked at, those who left last."""
SHOWN = 50
_DAY = timedelta(days=1)
STEPS = (1, 7, 14, 30, 45, 60, 90, 120, 150, 180)


class Farewell(NamedTuple):
    """One customer that left, and its scores of the days before."""

    life: Life
    left_on: date
    scores: Floats
    """From up to `LOOKED_AT` days before it left to the day before; NaN without one."""
    last_status: Status


def farewells(
    session: Session, *, lives: Sequence[Life], model: ScoringModel, since: date, today: date
) -> list[Farewell]:
    """The last days of those who left after `since`, the latest first, as corrected.

    Daily scores are read in one statement; only single days can be asked for as known then.
    """
    gone = [(life.gone, life) for life in lives if life.gone and since < life.gone <= today]
    latest = sorted((pair for pair in gone if pair[1].came < pair[0]), reverse=True)[:MOST]
    spans = [
        Span(life.id, max(life.came, left_on - timedelta(days=LOOKED_AT)), left_on - _DAY)
        for left_on, life in latest
    ]
    if not spans:
        return []
    scored = score(load_spans(session, spans=spans, model=model, today=today), model)
    of_customer = scored.groupby(level="customer_id")
    found = []
    for left_on, life in latest:
        days = of_customer.get_group(life.id)
        scores = days["overall_score"].to_numpy()
        found.append(Farewell(life, left_on, scores, days["status"].iloc[-1]))
    return found


def days_warned(scores: Floats, healthy: float) -> int:
    """For how many days up to the last one there had been no healthy score."""
    well = np.flatnonzero(scores >= healthy)
    return int(scores.size - 1 - well[-1]) if well.size else scores.size


def warnings(found: Sequence[Farewell], healthy: float) -> Warnings | None:
    """The Kaplan–Meier estimate of how long before leaving they had last been healthy.

    Who was never healthy in the days looked at had not been for at least so long: censored.
    """
    if not found:
        return None
    warned = np.array([days_warned(one.scores, healthy) for one in found])
    longer = np.array([not (one.scores >= healthy).any() for one in found])
    sample = CensoredData.right_censored(warned, longer)
    survival = ecdf(sample).sf
    half = survival.quantiles[survival.probabilities <= 0.5]
    return Warnings(
        customers=len(found),
        never=int((warned == 0).sum()),
        longer=int(longer.sum()),
        days_looked_at=LOOKED_AT,
        median_days=int(half[0]) if half.size else None,
        points=[
            WarningPoint(days=days, share=float(survival.evaluate(days - 0.5))) for days in STEPS
        ],
    )


def missed(
    session: Session, found: Sequence[Farewell], model: ScoringModel
) -> tuple[list[Missed], int]:
    """Who was healthy 90 days before it left, those with the most ARR first, and how many."""
    healthy = model.bands.healthy
    wrong = [one for one in found if one.scores.size >= BEFORE and one.scores[-BEFORE] >= healthy]
    known = queries.names(session, customer_ids=[one.life.id for one in wrong])
    listed = [_missed(one, known[one.life.id], model) for one in wrong if one.life.id in known]
    listed.sort(key=lambda one: (-(one.arr or 0), one.customer_id))
    return listed[:SHOWN], len(listed)


def _missed(one: Farewell, named: Named, model: ScoringModel) -> Missed:
    last = float(one.scores[-1])
    return Missed(
        customer_id=one.life.id,
        customer_name=named.name,
        segment=named.segment,
        owner=named.owner,
        arr=named.arr,
        left_on=one.left_on,
        score_before=float(one.scores[-BEFORE]),
        last_score=None if np.isnan(last) else last,
        last_status=one.last_status,
        days_warned=days_warned(one.scores, model.bands.healthy),
    )
