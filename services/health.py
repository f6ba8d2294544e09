"""A customer's score, calculated live from what is stored: always exact, and explained."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from numpy.typing import NDArray
from sqlmodel import Session

from db.queries import health as queries
from db.queries.health import Stored, Subject
from db.tables import LARGEST_BIGINT
from scoring.engine import explain, score_columns
from scoring.model import ScoringModel
from services import signals
from services.clock import utc_day
from services.errors import InvalidInput, UnknownCustomer
from services.scoring_models import model_by_name, model_on
from services.views import CustomerHealth, FactorScore

_NOTHING = Stored(None, None, None)


def customer_health(
    session: Session,
    *,
    customer_id: int,
    now: datetime,
    as_of: date | None = None,
    model: str | None = None,
    known_then: bool = False,
) -> CustomerHealth:
    """One customer's score as of a day, today unless given, by the model in force on that day.

    A customer that has left is scored as of the day it left at the latest. Trends compare
    with snapshots of the same model and version. `calculated_at` is `now`: nothing here
    is read from a stored score.

    Args:
        model: another published model's name, in its newest version.
        known_then: leave out what came in after the day that is scored. Without trends then:
            snapshots are as corrected.

    Raises:
        UnknownCustomer: there is none.
        InvalidInput: as_of lies in the future.
        UnknownModel: no published model has this name.
    """
    if as_of is not None and as_of > utc_day(now):
        raise InvalidInput("as_of", f"Must not be after today, {utc_day(now).isoformat()}.")
    chosen = None if model is None else model_by_name(session, model)
    ids = [customer_id] if 0 < customer_id <= LARGEST_BIGINT else []
    found = _calculate(session, ids, now, as_of or utc_day(now), chosen, known_then)
    if customer_id not in found:
        raise UnknownCustomer(customer_id)
    return found[customer_id]


def explain_many(
    session: Session, *, customer_ids: Sequence[int], now: datetime
) -> dict[int, CustomerHealth]:
    """Today's score of each of the customers that exist."""
    return _calculate(session, customer_ids, now, utc_day(now), None)


def _calculate(
    session: Session,
    customer_ids: Sequence[int],
    now: datetime,
    as_of: date,
    chosen: tuple[ScoringModel, int] | None,
    known_then: bool = False,
) -> dict[int, CustomerHealth]:
    subjects = queries.subjects(session, customer_ids=customer_ids, as_of=as_of)
    found: dict[int, CustomerHealth] = {}
    for day in {subject.day for subject in subjects.values()}:
        model, version = chosen or model_on(session, day, now)
        ids = [key for key, subject in subjects.items() if subject.day == day]
        columns = signals.load_day(
            session,
            customer_ids=ids,
            day=day,
            model=model,
            today=utc_day(now),
            details=True,
            known_on=day if known_then else None,
        )
        rows = zip(_records(columns), _records(score_columns(columns, model)), strict=True)
        for row, scored in rows:
            subject = subjects[row["customer_id"]]
            if known_then and day < utc_day(now):
                subject = subject._replace(week_ago=_NOTHING, month_ago=_NOTHING)
            found[subject.customer_id] = _view(subject, now, (model, version), row, scored)
    return {key: found[key] for key in customer_ids if key in found}


def _view(
    subject: Subject,
    now: datetime,
    model_version: tuple[ScoringModel, int],
    row: Mapping[str, Any],
    scored: Mapping[str, Any],
) -> CustomerHealth:
    model, version = model_version
    raw = scored["overall_score"]
    overall = None if math.isnan(raw) else raw
    factors = [FactorScore.model_validate(found) for found in explain(row, scored, model)]
    return CustomerHealth(
        customer_id=subject.customer_id,
        customer_name=subject.name,
        segment=row["segment"],
        as_of=subject.day,
        model=model.name,
        model_version=version,
        overall_score=overall,
        status=scored["status"],
        coverage=scored["coverage"],
        trend_7d=_change(subject.week_ago, overall, model.name, version),
        trend_30d=_change(subject.month_ago, overall, model.name, version),
        calculated_at=now,
        factor_scores=factors,
        recommendations=_recommendations(factors),
    )


def _change(before: Stored, after: float | None, model: str, version: int) -> float | None:
    if before.score is None or after is None or before[1:] != (model, version):
        return None
    return after - before.score


def _records(columns: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """The rows, as dictionaries of Python's own types."""
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _recommendations(factors: Sequence[FactorScore]) -> list[str]:
    """The factors' recommendations, those that cost the most points first."""
    costs = sorted(factors, key=lambda factor: -factor.loss)
    return [found.recommendation for found in costs if found.recommendation]
