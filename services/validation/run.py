"""A validation from start to end, with what it takes kept for the next question."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
from sqlmodel import Session

from db.queries import validation as queries
from db.queries.validation import Life
from scoring.model import ScoringModel
from services.clock import utc_day
from services.validation.comparing import baselines, factors, ranking
from services.validation.dates import SHORTEST_HORIZON, WARM_UP, Question, month_starts
from services.validation.farewells import Farewell, farewells, missed, warnings
from services.validation.kept import alone, kept
from services.validation.observations import Observations, Tell, observe
from services.validation.outcomes import Labelled, label
from services.validation.ranking import deciles
from services.validation.reliability import reliability
from services.validation.resampling import Resamples
from services.validation.verdict import verdict
from services.validation.views import LeftOut, Validation

MOST_CUSTOMERS = 10_000
"""Of more, a sample is looked at: its intervals say what that costs."""


class Material(NamedTuple):
    """All that a question needs of the database."""

    lives: list[Life]
    sampled: bool
    days: list[date]
    found: Observations
    farewells: list[Farewell]


def validate(
    session: Session,
    *,
    model: ScoringModel,
    version: int,
    question: Question,
    now: datetime,
    tell: Tell = lambda _done, _what: None,
) -> Validation:
    """Whether a published version of a model told who left.

    What was scored is kept for an hour, or until somebody leaves, so that another question
    about the same model takes a moment.

    Args:
        tell: is told how far it is.

    Raises:
        BusyError: another one is being worked on for too long.
    """
    today = utc_day(now)
    with alone():
        days = _days(session, today)
        lives = _lives(session, days)
        about = (
            str(session.get_bind().engine.url),
            today,
            model.name,
            version,
            hash(tuple(lives)),
        )

        def load() -> Material:
            return _material(session, lives, days, model, today, tell)

        material = kept(("material", *about), load, most=1)
        tell(0.9, "Comparing with chance")
        answer = kept(
            ("answer", *about, question),
            lambda: _answer(session, material, model, version, question, today),
        )
    tell(1.0, "Validated")
    return answer


def _days(session: Session, today: date) -> list[date]:
    first = queries.first_connected_day(session)
    if first is None:
        return []
    return month_starts(first + timedelta(days=WARM_UP), today - timedelta(days=SHORTEST_HORIZON))


def _lives(session: Session, days: Sequence[date]) -> list[Life]:
    if not days:
        return []
    since = days[0] - timedelta(days=1)
    return queries.lives(session, since=since, until=days[-1], limit=MOST_CUSTOMERS + 1)


def _material(
    session: Session,
    lives: Sequence[Life],
    days: Sequence[date],
    model: ScoringModel,
    today: date,
    tell: Tell,
) -> Material:
    looked_at = list(lives)[:MOST_CUSTOMERS]
    found = observe(
        session,
        lives=looked_at,
        days=days,
        model=model,
        today=today,
        tell=lambda done, what: tell(0.75 * done, what),
    )
    tell(0.75, "Reading the last months of those who left")
    since = days[0] if days else today
    gone = farewells(session, lives=looked_at, model=model, since=since, today=today)
    return Material(looked_at, len(lives) > MOST_CUSTOMERS, list(days), found, gone)


def _answer(
    session: Session,
    material: Material,
    model: ScoringModel,
    version: int,
    question: Question,
    today: date,
) -> Validation:
    gone = {life.id: life.gone for life in material.lives if life.gone}
    data = label(material.found, gone, question, today)
    rows, left = data.rows, data.left
    resamples = Resamples(rows.customer)
    whole = ranking("overall_score", "Score", -rows.score, data, resamples, question.capacity)
    customers_left = np.unique(rows.customer[left]).size
    conclusion, sentence = verdict(whole.auc, customers_left, question.horizon)
    listed, missed_total = missed(session, material.farewells, model)
    dates = [date.fromordinal(day) for day in np.unique(rows.day).tolist()]
    return Validation(
        model=model.name,
        model_version=version,
        as_of=today,
        **question._asdict(),
        first_date=dates[0] if dates else None,
        last_date=dates[-1] if dates else None,
        dates=len(dates),
        customers=np.unique(rows.customer).size,
        rows=left.size,
        customers_left=customers_left,
        rows_left=int(left.sum()),
        churn_rate=float(left.mean()) if left.size else None,
        sampled=material.sampled,
        left_out=_left_out(data),
        verdict=conclusion,
        sentence=sentence,
        score=whole,
        deciles=deciles(rows.score, rows.customer, left),
        baselines=baselines(data, resamples, question.capacity),
        factors=factors(data, model, resamples, question.capacity),
        warnings=warnings(material.farewells, model.bands.healthy),
        missed=listed,
        missed_total=missed_total,
        reliability=reliability(data, question),
    )


def _left_out(data: Labelled) -> LeftOut:
    return LeftOut(without_score=data.without_score, left_without_score=data.left_without_score)
