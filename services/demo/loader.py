"""Demo data into an empty database: all of it, scored, or nothing."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from sqlmodel import Session

from db.queries import activity, bulk_load, presence, queue, totals
from scoring.signals import SOURCES
from services import audit
from services.actor import Actor
from services.clock import utc_now
from services.demo.companies import Company, Inventor
from services.demo.customer_rows import (
    customer_columns,
    health_columns,
    invoice_columns,
    ticket_columns,
)
from services.demo.leaving import live, share
from services.demo.lives import Lives
from services.demo.personas import assign
from services.demo.records import Period, records
from services.demo.rows import ChunkRows, rows
from services.demo.usage import simulate
from services.rescore_tasks import HISTORY_DAYS
from services.scorer import drain

DAYS = 540 + 90
"""Days of activity: the scored ones, and those that the first score's windows look back on."""
CHUNK = 200
"""Customers drawn at a time. Memory is bounded by it; another size draws other data."""
SCORED_AT_ONCE = 10_000
"""Customer days between two steps of the progress."""

Progress = Callable[[float, str], None]
"""Called with the share that is done, 0–1, and what is being done."""


def load(
    session: Session,
    *,
    by: Actor,
    customers: int,
    days: int = DAYS,
    seed: int = 1,
    as_of: date,
    progress: Progress | None = None,
    score: bool = True,
) -> int:
    """Fill an empty database with demo customers, their activity and their scores.

    The same arguments give the same data. Activity covers the `days` days before `as_of`,
    invoices at least a year; who has left did so within these days. Everything happens in the
    caller's transaction.

    Args:
        progress: is told how far it is.
        score: leave False to leave the scoring to the scorer.

    Returns:
        How many events were stored; 0 when there are customers already: nothing changes then.
    """
    bulk_load.lock(session)
    if presence.any_customer(session):
        return 0
    tell = progress or (lambda _done, _what: None)
    events = _load_activity(session, customers, days, seed, as_of, tell)
    scored = min(days, HISTORY_DAYS)
    queue.enqueue_everybody(session, day=as_of - timedelta(days=scored - 1))
    bulk_load.analyze(session)
    if score:
        _score(session, customers, scored, as_of, tell)
    totals.compact(session, now=utc_now())
    audit.record(session, by=by, action="demo-data.loaded", subject="customers")
    tell(1.0, "Demo data is ready")
    return events


def _load_activity(
    session: Session, customers: int, days: int, seed: int, as_of: date, tell: Progress
) -> int:
    tell(0.0, "Inventing customers")
    rng = np.random.default_rng(seed)
    slots = assign(customers, share(days), rng)
    inventor = Inventor(as_of=as_of, seed=seed)
    ids = bulk_load.reserve_customer_ids(session, count=customers)
    period = Period(as_of - timedelta(days=days), as_of)
    events = 0
    first_days: dict[str, date] = {}
    for number, start in enumerate(range(0, customers, CHUNK)):
        part = slice(start, start + CHUNK)
        rng = np.random.default_rng([seed, number])
        lives = live(slots[part], days=days, rng=rng)
        companies = inventor.companies(lives, rng)
        chunk = _chunk(ids[part], companies, lives, period, rng)
        _store(session, ids[part], companies, chunk, _end_of(as_of))
        events += chunk.events
        for name, day in chunk.first_days.items():
            first_days[name] = min(day, first_days.get(name, day))
        done = min(start + CHUNK, customers)
        tell(0.5 * done / customers, f"{done:,} customers, {events:,} events")
    sources = {name: day for name, day in first_days.items() if name in SOURCES}
    activity.connect(session, first_days=sources)
    return events


def _chunk(
    ids: Sequence[int],
    companies: Sequence[Company],
    lives: Lives,
    period: Period,
    rng: np.random.Generator,
) -> ChunkRows:
    days = (period.as_of - period.first_day).days
    usage = simulate(companies, lives, first_day=period.first_day, days=days, rng=rng)
    return rows(ids, companies, usage, records(companies, lives, period, rng))


def _store(
    session: Session,
    ids: Sequence[int],
    companies: Sequence[Company],
    chunk: ChunkRows,
    now: datetime,
) -> None:
    tables = {
        "customer": customer_columns(ids, companies),
        "customer_health": health_columns(ids, companies, now),
        "event": chunk.event,
        "daily_activity": chunk.daily_activity,
        "last_seen": chunk.last_seen,
        "support_ticket": ticket_columns(chunk.tickets),
        "invoice": invoice_columns(chunk.invoices),
    }
    for table, columns in tables.items():
        bulk_load.copy(session, table=table, columns=columns)
    totals.put_in(session, customer_ids=ids, now=now)


def _score(session: Session, customers: int, days: int, as_of: date, tell: Progress) -> None:
    """Score every day that has activity: the same code path as ever, with earlier days."""
    steps = max(1, customers * days // SCORED_AT_ONCE)
    step = 0
    while drain(session, now=_end_of(as_of), limit=SCORED_AT_ONCE):
        step += 1
        tell(0.5 + 0.5 * min(1.0, step / steps), f"Scoring {days} days of {customers:,}")


def _end_of(as_of: date) -> datetime:
    """The moment that the demo's rows were written: now, unless another day is asked for."""
    return min(utc_now(), datetime.combine(as_of, time.max, UTC))
