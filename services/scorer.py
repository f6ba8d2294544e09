"""From queue entries to scores: one signals query, one vectorised pass, one bulk write a batch."""

import logging
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlmodel import Session

from db.queries import queue, rescore, totals
from db.queries.rescore import Scored
from scoring.engine import score
from scoring.model import ScoringModel
from services import metrics, signals
from services.clock import utc_day
from services.rescore_tasks import Task, chunks, find_tasks
from services.salvage import Salvage
from services.scoring_models import active_model

logger = logging.getLogger(__name__)

ENTRIES = 10_000
CHUNK = 20_000
"""(customer, day) pairs in memory at once, and customers of everybody in one transaction."""
RETRY = 60
"""Seconds after which a customer that could not be scored is tried again."""


def drain(session: Session, *, now: datetime, limit: int = CHUNK) -> int:
    """Score what waits, in the caller's transaction; the number of entries taken, 0 if none.

    A customer that can't be scored stays in the queue and is left alone for a while.

    The transaction must be READ COMMITTED: entries are taken first, so whatever was
    committed with them is seen by the signals that are read after.

    Args:
        limit: (customer, day) pairs after which the other customers are put back into
            the queue, so that a transaction stays short.
    """
    entries = queue.take(session, limit=ENTRIES)
    if not entries:
        return 0
    model, version = active_model(session)
    today = utc_day(now)
    tasks = find_tasks(
        session, entries=entries, made_by=(model.name, version), today=today, limit=limit
    )
    work = Salvage[Task](session, lambda part: _rescore(session, part, model, version, now))
    done = tried = 0
    for chunk in chunks(tasks, min(CHUNK, limit), today):
        if done and sum(task.days for task in chunk) + done > limit:
            queue.enqueue(session, entries=[(task.life.customer_id, task.first) for task in chunk])
            continue
        done += work.run(chunk)
        tried += len(chunk)
    metrics.CUSTOMERS_SCORED.inc(tried - len(work.failed))
    for task, error in work.failed:
        _put_off(session, task, error)
    return len(entries)


def _put_off(session: Session, task: Task, error: Exception) -> None:
    customer_id = task.life.customer_id
    logger.error(
        "customer %d can't be scored: tried again in %d s", customer_id, RETRY, exc_info=error
    )
    metrics.CUSTOMERS_PUT_OFF.inc()
    queue.put_off(session, customer_id=customer_id, day=task.first, seconds=RETRY)


def _rescore(
    session: Session, tasks: Sequence[Task], model: ScoringModel, version: int, now: datetime
) -> int:
    """Score the tasks and store what comes out; the number of (customer, day) pairs."""
    spans = [task.span for task in tasks]
    frame = signals.load_spans(session, spans=spans, model=model, today=utc_day(now))
    scored = score(frame, model)
    store(session, tasks, frame, scored, (model.name, version), now)
    return len(frame)


def store(
    session: Session,
    tasks: Sequence[Task],
    frame: pd.DataFrame,
    scored: pd.DataFrame,
    made_by: tuple[str, int],
    now: datetime,
) -> None:
    """Make these scores the history and the current scores of the tasks' customers."""
    today = utc_day(now)
    living = frame["age_days"].to_numpy() >= 0
    customer_ids = frame.index.get_level_values("customer_id").to_numpy()
    newest = np.append(customer_ids[1:] != customer_ids[:-1], True)  # by customer and day
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
    history = _rows(frame, scored, living)
    rescore.store_snapshots(session, scored=history, made_by=made_by, today=today)
    current = _rows(frame, scored, newest)
    rescore.update_current(session, scored=current, made_by=made_by, now=now)
    totals.put_in_days(session, customer_ids=ids, first_days=first_days)
    totals.put_in(session, customer_ids=ids, now=now)


def _rows(frame: pd.DataFrame, scored: pd.DataFrame, wanted: NDArray[np.bool_]) -> Scored:
    def column(values: pd.Series | pd.Index) -> list[Any]:
        found: list[Any] = values[wanted].tolist()
        return found

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
