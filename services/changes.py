"""Why a score changed between two days: computed live on both, and split by cause."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from numpy.typing import NDArray
from sqlmodel import Session

from db.queries import movers as queries
from scoring.change_words import Side, tell
from scoring.changes import split
from scoring.model import ScoringModel
from services import signals
from services.change_views import ChangePart, Mover, ScoreChanges
from services.clock import utc_day
from services.customers import get_item
from services.errors import InvalidInput
from services.scoring_models import model_on

WEEK = timedelta(days=7)


class _InForce(NamedTuple):
    """The scoring model of one end, and the day."""

    day: date
    model: ScoringModel
    version: int

    @property
    def name(self) -> str:
        return f"{self.model.title or self.model.name} version {self.version}"


def customer_changes(
    session: Session,
    *,
    customer_id: int,
    now: datetime,
    start: date | None = None,
    end: date | None = None,
) -> ScoreChanges:
    """What moved a customer's score from one day to another, each as all that is known today.

    Args:
        start: default a week before the last day.
        end: default today. A customer that has left ends on the day it left at the latest.

    Raises:
        UnknownCustomer: there is none.
        InvalidInput: a day lies in the future, or `start` after `end`.
    """
    today = utc_day(now)
    left = get_item(session, customer_id=customer_id).churned_at
    last = today if left is None else min(today, utc_day(left))
    _check(start, end, today)
    last = last if end is None else min(end, last)
    first = last - WEEK if start is None else min(start, last)
    (found,) = _explained(session, [customer_id], first, last, now)
    return found


def movers(session: Session, *, now: datetime, days: int, limit: int) -> list[Mover]:
    """The customers whose scores moved most in the last `days` days, and mainly why.

    Biggest movement first, up or down; who has left, or has no score on either day, is left out.
    """
    today = utc_day(now)
    start = today - timedelta(days=days)
    rows = queries.largest(session, start=start, now=now, limit=limit)
    changes = _explained(session, [row.customer_id for row in rows], start, today, now)
    found = []
    for row, change in zip(rows, changes, strict=True):
        if change.delta:  # the stored scores may be a second behind
            told = change.model_dump(include={"score_from", "score_to", "delta"})
            found.append(Mover(**row._mapping, **told, reason=change.reason))
    return sorted(found, key=lambda mover: -abs(mover.delta))


def _check(start: date | None, end: date | None, today: date) -> None:
    if end is not None and end > today:
        raise InvalidInput("to", f"Must not be after today, {today.isoformat()}.")
    if start is not None and start > (end or today):
        raise InvalidInput("from", f"Must not be after `to`, {(end or today).isoformat()}.")


def _explained(
    session: Session, customer_ids: Sequence[int], start: date, end: date, now: datetime
) -> list[ScoreChanges]:
    """The changes of customers that exist, in their order."""
    old, new = (_InForce(day, *model_on(session, day, now)) for day in (start, end))
    ids = sorted(customer_ids)
    before, after = _facts(session, ids, old, new, now), _facts(session, ids, new, new, now)
    found = split(before, after, old_model=old.model, new_model=new.model)
    changes = {}
    for row, customer_id in enumerate(ids):
        parts = tell(
            found,
            row,
            Side(_row(before, row), old.name),
            Side(_row(after, row), new.name),
            new.model,
        )
        delta = float(found.delta[row])
        changes[customer_id] = ScoreChanges(
            customer_id=customer_id,
            start=start,
            end=end,
            score_from=_known(found.score_from[row]),
            score_to=_known(found.score_to[row]),
            delta=_known(delta),
            parts=[ChangePart.model_validate(part) for part in parts],
        )
    return [changes[customer_id] for customer_id in customer_ids]


def _facts(
    session: Session, ids: Sequence[int], at: _InForce, new: _InForce, now: datetime
) -> dict[str, NDArray[Any]]:
    """What both models need to know of a day, and what the new one explains with."""
    facts: dict[str, NDArray[Any]] = {}
    for model, details in ((at.model, False), (new.model, True)):
        if details or model != new.model:
            facts |= signals.load_day(
                session,
                customer_ids=ids,
                day=at.day,
                model=model,
                today=utc_day(now),
                details=details,
            )
    return facts


def _row(columns: dict[str, NDArray[Any]], row: int) -> dict[str, Any]:
    return {name: values[row] for name, values in columns.items()}


def _known(value: float) -> float | None:
    return None if value != value else float(value)
