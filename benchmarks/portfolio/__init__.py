"""A synthetic portfolio, made by PostgreSQL itself: any size, the same for the same day."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlmodel import Session

from db.queries import queue, totals
from db.session import write
from services.clock import utc_day
from services.scorer import drain

FOLDER = Path(__file__).parent
PARTS = ("activity", "records", "snapshots")
AT_ONCE = 2_000
"""Customers a statement: what it sorts fits into memory."""
WORKERS = 2
EVENTFUL = 1_000
"""Customers whose raw events are stored too; nothing that is measured reads the others'."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Portfolio:
    """What was loaded."""

    customers: int
    counters: int
    now: datetime


def load(engine: Engine, *, customers: int, now: datetime, tell: Tell) -> Portfolio:
    """Fill an empty database with customers 1 … `customers` and score them as of `now`."""
    binds: dict[str, object] = {"now": now, "today": utc_day(now)}
    _run(engine, "customers", binds | {"customers": customers})
    starts = range(1, customers + 1, AT_ONCE)
    with ThreadPoolExecutor(WORKERS) as pool:
        for first in pool.map(lambda first: _load_range(engine, binds, first, customers), starts):
            tell(f"{customers:,} customers: {min(first + AT_ONCE - 1, customers):,} loaded")
    _run(engine, "events", {"first": 1, "last": min(customers, EVENTFUL)})
    _tidy(engine)
    write(lambda session: _count_into_totals(session, customers, now), engine=engine)
    tell(f"{customers:,} customers: scoring")
    score_everybody(engine, now=now)
    _tidy(engine)
    with engine.connect() as connection:
        counters = connection.execute(text("SELECT count(*) FROM daily_activity")).scalar_one()
    return Portfolio(customers, counters, now)


def score_everybody(engine: Engine, *, now: datetime) -> None:
    """Have the product score every customer as of `now`."""
    write(lambda session: queue.enqueue_everybody(session, day=utc_day(now)), engine=engine)
    while write(lambda session: drain(session, now=now), engine=engine):
        pass


def _count_into_totals(session: Session, customers: int, now: datetime) -> None:
    everybody = range(1, customers + 1)
    totals.put_in(session, customer_ids=everybody, now=now)
    totals.put_in_days(session, customer_ids=everybody, first_days=[date.min] * customers)
    totals.compact(session, now=now)


def _load_range(engine: Engine, binds: dict[str, object], first: int, customers: int) -> int:
    last = min(first + AT_ONCE - 1, customers)
    for part in PARTS:
        _run(engine, part, binds | {"first": first, "last": last})
    return first


def _run(engine: Engine, part: str, binds: dict[str, object]) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL work_mem = '128MB'"))
        connection.execute(text((FOLDER / "noise.sql").read_text()))
        for statement in (FOLDER / f"{part}.sql").read_text().split(";\n"):
            if statement.strip():
                query = text(statement)
                wanted = {name: binds[name] for name in query._bindparams}
                connection.execute(query, wanted)


def _tidy(engine: Engine) -> None:
    """As autovacuum leaves the tables a while after."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
