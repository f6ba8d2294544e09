"""From queue entries to scores: one signals query, one vectorised pass, one bulk write a batch."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from db.queries import queue
from db.queries.signals import Span
from scoring.engine import score
from scoring.model import ScoringModel
from services import metrics, signals
from services.clock import utc_day
from services.rescore_tasks import Task, chunks, find_tasks
from services.salvage import Salvage
from services.score_store import Part, store
from services.scoring_models import InForce, models_between

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
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
    today = utc_day(now)
    tasks = find_tasks(session, entries=entries, today=today, limit=limit)
    first = min((task.span.first_day for task in tasks), default=today)
    models = models_between(session, first, today)
    work = Salvage[Task](session, lambda part: _rescore(session, part, models, now))
    done = tried = 0
    later: list[Task] = []
    for chunk in chunks(tasks, min(CHUNK, limit), today):
        if done and sum(task.days for task in chunk) + done > limit:
            later += chunk
            continue
        done += work.run(chunk)
        tried += len(chunk)
    if later:
        queue.enqueue(session, entries=[(task.life.customer_id, task.first) for task in later])
    for chunk in chunks(_current_scores(later), CHUNK, today):
        work.run(chunk)
        tried += len(chunk)
    metrics.CUSTOMERS_SCORED.inc(tried - len(work.failed))
    for task, error in work.failed:
        _put_off(session, task, error)
    return len(entries)


def _current_scores(tasks: Sequence[Task]) -> list[Task]:
    """Of tasks that wait on, what can't wait: who has no score yet gets the current one."""
    return [task._replace(first=task.life.last) for task in tasks if task.life.is_new]


def _put_off(session: Session, task: Task, error: Exception) -> None:
    customer_id = task.life.customer_id
    logger.error(
        "customer %d can't be scored: tried again in %d s", customer_id, RETRY, exc_info=error
    )
    metrics.CUSTOMERS_PUT_OFF.inc()
    queue.put_off(session, customer_id=customer_id, day=task.first, seconds=RETRY)


def _rescore(
    session: Session, tasks: Sequence[Task], models: Sequence[InForce], now: datetime
) -> int:
    """Score the tasks and store what comes out; the number of (customer, day) pairs."""
    parts = []
    for period in _periods([task.span for task in tasks], models):
        frame = signals.load_spans(
            session, spans=period.spans, model=period.model, today=utc_day(now)
        )
        made_by = (period.model.name, period.version)
        parts.append(Part(frame, score(frame, period.model), made_by, period.ending))
    store(session, tasks, parts, now)
    return sum(len(part.frame) for part in parts)


class _Period(NamedTuple):
    """Days on which one model is in force, of those to score."""

    model: ScoringModel
    version: int
    spans: Sequence[Span]
    ending: frozenset[int] | None
    """Customers whose span ends with these days; None for all."""


def _periods(spans: Sequence[Span], models: Sequence[InForce]) -> list[_Period]:
    """The spans, cut where another model takes over."""
    if len(models) == 1:
        _, model, version = models[0]
        return [_Period(model, version, spans, None)]
    periods = []
    ends = [*(first - DAY for first, _, _ in models[1:]), date.max]
    for (first, model, version), end in zip(models, ends, strict=True):
        part = [
            Span(span.customer_id, max(span.first_day, first), min(span.last_day, end))
            for span in spans
            if span.first_day <= end and span.last_day >= first
        ]
        ending = frozenset(span.customer_id for span in spans if first <= span.last_day <= end)
        if part:
            periods.append(_Period(model, version, part, ending))
    return periods
