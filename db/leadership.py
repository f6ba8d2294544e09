"""Being the one process that does something, for as long as its connection lives.

The lock and the work share one connection: whoever has lost the lock can't write either.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlmodel import Session

SCORER = 0x7363_6F72_6572_0001  # an arbitrary constant: "scorer" in ASCII
STATEMENT_MINUTES = 10  # a batch may take longer than a request's answer
WORK_MEMORY = "64MB"  # enough to group a batch's counters without temporary files


@contextmanager
def own_connection(engine: Engine) -> Iterator[Connection]:
    """A connection outside the pool, really closed at the end: its session's locks go with it."""
    with engine.connect() as connection:
        connection.detach()
        connection.execute(text(f"SET statement_timeout = '{STATEMENT_MINUTES}min'"))
        connection.execute(text(f"SET work_mem = '{WORK_MEMORY}'"))
        connection.commit()
        yield connection


def try_to_lead(connection: Connection, *, key: int) -> bool:
    """Whether this connection's session holds the lock now; asked again, it still does."""
    led = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar_one()
    connection.commit()
    return bool(led)


@contextmanager
def transaction(connection: Connection) -> Iterator[Session]:
    """A READ COMMITTED transaction on this connection, committed at the end."""
    with Session(connection) as session, session.begin():
        yield session
