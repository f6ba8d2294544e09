"""What was known on each observation date, scored: two statements a date, no customer by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from db.queries import validation as queries
from db.queries.validation import Life
from scoring.engine import score_columns
from scoring.model import ScoringModel
from services.signals import load_day

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Tell = Callable[[float, str], None]
"""Called with the share that is done, 0–1, and what is being done."""

WINDOW = 30
SMOOTHING = 5
NEVER = 90


@dataclass(frozen=True)
class Observations:
    """A row for each customer and observation date on which it was there."""

    customer: Ints
    day: Ints
    """As `date.toordinal`."""
    score: Floats
    """0–100, NaN without one."""
    factors: dict[str, Floats]
    """Scores by factor, NaN without data."""
    since_login: Floats
    """Days since the last login; `NEVER` where it is longer ago than that, or never was."""
    login_trend: Floats
    """−1 to 1: logins of 30 days against those of the 30 days before."""

    def where(self, chosen: NDArray[np.bool_]) -> "Observations":
        """Only these rows."""
        return Observations(
            self.customer[chosen],
            self.day[chosen],
            self.score[chosen],
            {name: values[chosen] for name, values in self.factors.items()},
            self.since_login[chosen],
            self.login_trend[chosen],
        )


def observe(
    session: Session,
    *,
    lives: Sequence[Life],
    days: Sequence[date],
    model: ScoringModel,
    today: date,
    tell: Tell,
) -> Observations:
    """Score everybody who was a customer on each of the days, by what had come in by then."""
    parts = []
    for number, day in enumerate(days):
        tell(number / len(days), f"Scoring {day:%B %Y} as it was known then")
        there = [
            life.id for life in lives if life.came <= day and (not life.gone or life.gone > day)
        ]
        columns = load_day(
            session,
            customer_ids=there,
            day=day,
            model=model,
            today=today,
            known_on=day,
        )
        parts.append(_scored(session, columns, model, day))
    return _joined(parts, model)


def _scored(
    session: Session, columns: dict[str, NDArray[Any]], model: ScoringModel, day: date
) -> Observations:
    scored = score_columns(columns, model)
    customer = columns["customer_id"]
    found = queries.logins(
        session, customer_ids=customer.tolist(), day=day, window=WINDOW, reach=NEVER
    )
    since, now, before = np.full(customer.size, float(NEVER)), *np.zeros((2, customer.size))
    if found:
        who, days_since, of_window, of_before = np.array(found).T
        place = np.searchsorted(customer, who)
        since[place], now[place], before[place] = days_since, of_window, of_before
    return Observations(
        customer=customer,
        day=np.full(customer.size, day.toordinal()),
        score=scored["overall_score"],
        factors={name: scored[f"score_{name}"] for name in model.factors},
        since_login=since,
        login_trend=(now - before) / (now + before + SMOOTHING),
    )


def _joined(parts: Sequence[Observations], model: ScoringModel) -> Observations:
    def column(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts] or [np.empty(0)])

    return Observations(
        customer=column("customer").astype(np.int64),
        day=column("day").astype(np.int64),
        score=column("score"),
        factors={
            name: np.concatenate([part.factors[name] for part in parts] or [np.empty(0)])
            for name in model.factors
        },
        since_login=column("since_login"),
        login_trend=column("login_trend"),
    )
