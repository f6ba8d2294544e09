"""Transactions: reads that can't write, and the one place that commits."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from psycopg2 import Error as Psycopg2Error
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from db.embedded import EmbeddedError
from db.engine import get_engine

T = TypeVar("T")

ATTEMPTS = 6
FIRST_PAUSE = 0.01

# https://www.postgresql.org/docs/current/errcodes-appendix.html
LOST_A_RACE = {"40001", "40P01"}  # serialisation failure, deadlock
UNAVAILABLE_CLASSES = ("08", "53", "57P", "58")  # connection, resources, shutdown, system
LOCK_TIMEOUT = "55P03"
IDLE_TOO_LONG = "25P03"
UNAVAILABLE_CODES = {"57014", LOCK_TIMEOUT, IDLE_TOO_LONG, *LOST_A_RACE}  # too slow; races lost
UNDEFINED_TABLE = "42P01"


@contextmanager
def read(*, engine: Engine | None = None) -> Iterator[Session]:
    """A session that sees one moment of the database and that PostgreSQL lets write nothing."""
    snapshot = (engine or get_engine()).execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    with Session(snapshot) as session:
        yield session


def write(work: Callable[[Session], T], *, engine: Engine | Connection | None = None) -> T:
    """Run `work` in one transaction and commit it; the one place that does.

    `work` runs again, from the start, when PostgreSQL made it lose a deadlock or a
    serialisation race: it must have no effect outside its session.
    """
    bind = engine or get_engine()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with Session(bind, expire_on_commit=False) as session:
                result = work(session)
                session.commit()
                return result
        except DBAPIError as error:
            if _code(error) not in LOST_A_RACE or attempt == ATTEMPTS:
                raise
        time.sleep(FIRST_PAUSE * 2**attempt * random.random())  # noqa: S311 - spreads the retries
    raise AssertionError("unreachable: the last attempt returns or raises")


def impatient_connection() -> Connection:
    """A connection to `write` on that gives up a lock which somebody keeps for 300 ms.

    Invalidate it in the end: another user of the pool would not expect that.
    """
    connection = get_engine().connect()
    connection.execute(text("SET lock_timeout = '300ms'"))
    connection.commit()
    return connection


def statement_connection() -> Connection:
    """A connection to keep, beside the pool: each statement sees what is committed by then."""
    connection = get_engine().connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    return connection


class LostConnectionError(Exception):
    """Nothing more will be heard."""


def socket_of(connection: Connection) -> int:
    """The descriptor that becomes readable when there is something to hear."""
    return int(_raw(connection).fileno())


def hear(connection: Connection) -> bool:
    """Whether a notification has come in since the last time; never waits.

    Raises:
        LostConnectionError: the connection is gone.
    """
    raw = _raw(connection)
    try:
        raw.poll()
    except Psycopg2Error as error:
        raise LostConnectionError from error
    heard = bool(raw.notifies)
    raw.notifies.clear()
    return heard


def _raw(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def is_unavailable(error: BaseException) -> bool:
    """Whether the database can't answer now: away, out of connections, too slow, or outrun."""
    if isinstance(error, (EmbeddedError, PoolTimeoutError, InterfaceError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = _code(error)
    if code is None:
        return error.connection_invalidated or _failed_to_connect(error)
    return code.startswith(UNAVAILABLE_CLASSES) or code in UNAVAILABLE_CODES


def is_unmigrated(error: BaseException) -> bool:
    """Whether a table is missing: the database is there, the migration not yet."""
    return isinstance(error, DBAPIError) and _code(error) == UNDEFINED_TABLE


def is_lock_timeout(error: BaseException) -> bool:
    """Whether it was given up because somebody else's lock was not released in time."""
    return isinstance(error, DBAPIError) and _code(error) == LOCK_TIMEOUT


def _code(error: DBAPIError) -> str | None:
    return getattr(error.orig, "pgcode", None)


def _failed_to_connect(error: DBAPIError) -> bool:
    """psycopg2 gives no code to a connection that is refused or lost: OperationalError is all."""
    return type(error.orig).__name__ == "OperationalError"
