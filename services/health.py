"""A customer's score, calculated live from what is stored: always exact, and explained."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlmodel import Session

from db.queries import health as queries
from db.queries.health import Subject
from db.tables import LARGEST_BIGINT
from scoring.engine import explain, score
from scoring.model import ScoringModel
from services import signals
from services.clock import utc_day
from services.errors import InvalidInput, UnknownCustomer
from services.scoring_models import active_model, model_by_name
from services.views import CustomerHealth, FactorScore

TREND_DAYS = (7, 30)


def customer_health(
    session: Session,
    *,
    customer_id: int,
    now: datetime,
    as_of: date | None = None,
    model: str | None = None,
) -> CustomerHealth:
    """One customer's score as of a day, today unless given, by a published model.

    A customer that has left is scored as of the day it left at the latest. Trends compare
    with snapshots of the same model and version. `calculated_at` is `now`: nothing here
    is read from a stored score.

    Raises:
        UnknownCustomer: there is none.
        InvalidInput: as_of lies in the future.
        UnknownModel: no published model has this name.
    """
    if as_of is not None and as_of > utc_day(now):
        raise InvalidInput("as_of", f"Must not be after today, {utc_day(now).isoformat()}.")
    chosen = active_model(session) if model is None else model_by_name(session, model)
    ids = [customer_id] if 0 < customer_id <= LARGEST_BIGINT else []
    found = _calculate(session, ids, now, as_of or utc_day(now), chosen)
    if customer_id not in found:
        raise UnknownCustomer(customer_id)
    return found[customer_id]


def explain_many(
    session: Session, *, customer_ids: Sequence[int], now: datetime
) -> dict[int, CustomerHealth]:
    """Today's score of each of the customers that exist, by the active model."""
    return _calculate(session, customer_ids, now, utc_day(now), active_model(session))


def _calculate(
    session: Session,
    customer_ids: Sequence[int],
    now: datetime,
    as_of: date,
    model_version: tuple[ScoringModel, int],
) -> dict[int, CustomerHealth]:
    model, version = model_version
    subjects = queries.subjects(session, customer_ids=customer_ids)
    days = {key: min(as_of, subject.last_day or as_of) for key, subject in subjects.items()}
    frame = signals.load_pairs(
        session, pairs=list(days.items()), model=model, today=utc_day(now), details=True
    )
    past = queries.past_scores(
        session,
        wanted=[(key, earlier) for key, day in days.items() for earlier in _earlier(day).values()],
        model=model.name,
        version=version,
    )
    rows = zip(frame.index, _records(frame), _records(score(frame, model)), strict=True)
    return {
        key[0]: _view(subjects[key[0]], key[1], now, model_version, row, scored, past)
        for key, row, scored in rows
    }


def _view(
    subject: Subject,
    day: date,
    now: datetime,
    model_version: tuple[ScoringModel, int],
    row: Mapping[Any, Any],
    scored: Mapping[Any, Any],
    past: Mapping[tuple[int, date], float],
) -> CustomerHealth:
    model, version = model_version
    raw = float(scored["overall_score"])
    overall = None if math.isnan(raw) else raw
    earlier = _earlier(day)
    factors = [FactorScore.model_validate(found) for found in explain(row, scored, model)]

    def trend(days: int) -> float | None:
        before = past.get((subject.customer_id, earlier[days])) if days in earlier else None
        return None if overall is None or before is None else overall - before

    return CustomerHealth(
        customer_id=subject.customer_id,
        customer_name=subject.name,
        segment=subject.segment,
        as_of=day,
        model=model.name,
        model_version=version,
        overall_score=overall,
        status=scored["status"],
        coverage=float(scored["coverage"]),
        trend_7d=trend(7),
        trend_30d=trend(30),
        calculated_at=now,
        factor_scores=factors,
        recommendations=_recommendations(factors),
    )


def _records(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """The rows as dictionaries of Python's own types; pandas takes ten times as long for few."""
    plain = frame.reset_index(drop=True)  # each column would make an index of its own
    names, columns = list(plain.columns), [plain[name].tolist() for name in plain.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _earlier(day: date) -> dict[int, date]:
    """The days that trends compare with; the calendar starts in year 1."""
    return {n: day - timedelta(days=n) for n in TREND_DAYS if day.toordinal() > n}


def _recommendations(factors: Sequence[FactorScore]) -> list[str]:
    """The factors' recommendations, those that cost the most points first."""
    costs = sorted(factors, key=lambda factor: -factor.loss)
    return [found.recommendation for found in costs if found.recommendation]
