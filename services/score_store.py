"""Scores as they come out of a rescore, stored: the history, the current scores, the totals."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlmodel import Session

from db.queries import rescore, totals
from db.queries.rescore import Scored
from services.clock import utc_day
from services.rescore_tasks import Task


class Part(NamedTuple):
    """Some days of some customers, scored by one model."""

    frame: pd.DataFrame
    """The signals, indexed by customer and day, in this order."""
    scored: pd.DataFrame
    made_by: tuple[str, int]
    """The model's name and version."""
    ending: frozenset[int] | None
    """The customers whose last day is in here; None for all."""


def store(session: Session, tasks: Sequence[Task], parts: Sequence[Part], now: datetime) -> None:
    """Make these scores the history and the current scores of the tasks' customers."""
    named = [task.life for task in tasks if task.named]
    outside = rescore.with_days_outside(session, lives=named)
    ids = [task.life.customer_id for task in tasks]
    first_days = [
        date.min if task.life.customer_id in outside else task.span.first_day for task in tasks
    ]
    totals.take_out(session, customer_ids=ids)
    totals.take_out_days(session, customer_ids=ids, first_days=first_days)
    if outside:
        rescore.forget_days_outside(session, lives=named)
    today = utc_day(now)
    for part in parts:
        living = part.frame["age_days"].to_numpy() >= 0
        rescore.store_snapshots(
            session, scored=_rows(part, living), made_by=part.made_by, today=today
        )
    for part in parts:  # trends compare with what has just been stored
        rescore.update_current(
            session, scored=_rows(part, _newest(part)), made_by=part.made_by, now=now
        )
    totals.put_in_days(session, customer_ids=ids, first_days=first_days)
    totals.put_in(session, customer_ids=ids, now=now)


def _newest(part: Part) -> NDArray[np.bool_]:
    """The rows that are a customer's last day."""
    ids = part.frame.index.get_level_values("customer_id").to_numpy()
    last = np.append(ids[1:] != ids[:-1], True)
    return last if part.ending is None else last & np.isin(ids, list(part.ending))


def _rows(part: Part, wanted: NDArray[np.bool_]) -> Scored:
    def column(values: pd.Series | pd.Index) -> list[Any]:
        found: list[Any] = values[wanted].tolist()
        return found

    frame, scored = part.frame, part.scored
    return Scored(
        customer_id=column(frame.index.get_level_values("customer_id")),
        day=column(frame.index.get_level_values("as_of")),
        segment=column(frame["segment"]),
        status=column(scored["status"]),
        coverage=column(scored["coverage"]),
        overall_score=column(scored["overall_score"]),
        factors={
            name.removeprefix("score_"): column(scored[name])
            for name in scored.columns
            if name.startswith("score_")
        },
    )
