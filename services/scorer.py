"""From queue entries to scores: one signals query, one vectorised pass, one bulk write a batch."""

import logging
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pandas as pd
from sqlmodel import Session

from db.queries import queue, rescore, totals
from db.queries.rescore import Life, Scored
from scoring.engine import score
from scoring.model import ScoringModel
from services import signals
from services.clock import utc_day
from services.salvage import Salvage
from services.scoring_models import active_model

logger = logging.getLogger(__name__)

HISTORY_DAYS = 90
"""Days of history, today included, that a rescore fills; what is stored beyond is mended."""
ENTRIES = 10_000
CHUNK = 20_000
"""(customer, day) pairs in memory at once."""
RETRY = 60
"""Seconds after which a customer that could not be scored is tried again."""


class Task(NamedTuple):
    """A customer's days to score, `first` to `life.last`; none when `first` is after it."""

    life: Life
    first: date

    @property
    def days(self) -> list[date]:
        return [
            self.first + timedelta(days=n) for n in range((self.life.last - self.first).days + 1)
        ]


def drain(session: Session, *, now: datetime, limit: int | None = None) -> int:
    """Score what waits, in the caller's transaction; the number of entries taken, 0 if none.

    A customer that can't be scored stays in the queue and is left alone for a while.

    The transaction must be READ COMMITTED: entries are taken first, so whatever was
    committed with them is seen by the signals that are read after.

    Args:
        limit: (customer, day) pairs after which the other customers are put back into
            the queue, so that a transaction stays short; None scores all.
    """
    entries = queue.take(session, limit=ENTRIES)
    if not entries:
        return 0
    model, version = active_model(session)
    today = utc_day(now)
    tasks = _tasks(session, entries, today)
    work = Salvage[Task](session, lambda part: _rescore(session, part, model, version, now))
    done = 0
    for chunk in _chunks(tasks):
        if limit is not None and done and sum(len(task.days) for task in chunk) + done > limit:
            queue.enqueue(session, entries=[(task.life.customer_id, task.first) for task in chunk])
            continue
        done += work.run(chunk)
    for task, error in work.failed:
        _put_off(session, task, error)
    return len(entries)


def _put_off(session: Session, task: Task, error: Exception) -> None:
    customer_id = task.life.customer_id
    logger.error(
        "customer %d can't be scored: tried again in %d s", customer_id, RETRY, exc_info=error
    )
    queue.put_off(session, customer_id=customer_id, day=task.first, seconds=RETRY)


def _tasks(session: Session, entries: Sequence[queue.Entry], today: date) -> list[Task]:
    """Each customer once, with all its days that the entries speak of or that were missed."""
    everybody: date | None = None
    waiting: dict[int, date] = {}
    for customer_id, day in entries:
        if customer_id is None:
            everybody = min(day, everybody or day)
        else:
            waiting[customer_id] = min(day, waiting.get(customer_id, day))
    lives = rescore.lock(session, waiting=waiting, everybody=everybody, today=today)
    horizon = today - timedelta(days=HISTORY_DAYS - 1)
    long = [life.customer_id for life in lives if life.queued < horizon]
    stored = rescore.first_snapshots(session, customer_ids=long) if long else {}
    tasks = []
    for life in lives:
        earliest = max(life.day_0, min(stored.get(life.customer_id, horizon), horizon))
        tasks.append(Task(life, max(min(life.queued, life.last), earliest)))
    return tasks


def _chunks(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    """Tasks together until they hold `CHUNK` days; a customer's days stay together."""
    chunk: list[Task] = []
    size = 0
    for task in tasks:
        chunk.append(task)
        size += len(task.days) or 1
        if size >= CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _rescore(
    session: Session, tasks: Sequence[Task], model: ScoringModel, version: int, now: datetime
) -> int:
    """Score the tasks and store what comes out; the number of (customer, day) pairs."""
    today = utc_day(now)
    # The last day is always scored: before day 0 that makes the current row say no_data.
    pairs = [
        (task.life.customer_id, day) for task in tasks for day in task.days or [task.life.last]
    ]
    frame = signals.load_pairs(session, pairs=pairs, model=model, today=today)
    factors = [factor.name for factor in model.active_factors]
    rows = _rows(frame, score(frame, model), factors)
    is_customer = (frame["age_days"] >= 0).tolist()
    last = {task.life.customer_id: task.life.last for task in tasks}
    made_by = (model.name, version)
    ids = [task.life.customer_id for task in tasks]
    totals.take_out(session, customer_ids=ids)
    forgetful = rescore.with_days_before(session, lives=[task.life for task in tasks])
    first_days = [date.min if task.life.customer_id in forgetful else task.first for task in tasks]
    totals.take_out_days(session, customer_ids=ids, first_days=first_days)
    rescore.forget_days_outside(session, lives=[task.life for task in tasks])
    rescore.store_snapshots(
        session,
        rows=[row for row, living in zip(rows, is_customer, strict=True) if living],
        factors=factors,
        model=made_by,
        today=today,
    )
    rescore.update_current(
        session,
        rows=[row for row in rows if row.day == last[row.customer_id]],
        factors=factors,
        model=made_by,
        now=now,
    )
    totals.put_in(session, customer_ids=ids, now=now)
    totals.put_in_days(session, customer_ids=ids, first_days=first_days)
    return len(pairs)


def _rows(frame: pd.DataFrame, scored: pd.DataFrame, factors: Sequence[str]) -> list[Scored]:
    by_factor = [_nullable(scored[f"score_{name}"]) for name in factors]
    columns = [
        *(frame.index.get_level_values(name).tolist() for name in signals.INDEX),
        _nullable(scored["overall_score"]),
        scored["status"].tolist(),
        scored["coverage"].tolist(),
        frame["segment"].tolist(),
        list(zip(*by_factor, strict=True)),
    ]
    return [Scored(*row) for row in zip(*columns, strict=True)]


def _nullable(values: pd.Series) -> list[float | None]:
    """Without NaN: null on the wire and in PostgreSQL."""
    return [None if value != value else value for value in values.tolist()]
