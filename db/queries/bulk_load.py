"""Loading many rows at once into an empty or new part of the database, by COPY."""

import io
from collections.abc import Mapping, Sequence

from psycopg2 import sql
from sqlalchemy import text
from sqlmodel import Session

from db.tables import (
    ConnectedSource,
    Customer,
    CustomerChange,
    CustomerHealth,
    DailyActivity,
    Event,
    HealthSnapshot,
    IdempotencyKey,
    Invoice,
    LastSeen,
    LateActivity,
    LateInvoice,
    LateTicket,
    PortfolioDay,
    PortfolioNow,
    RescoreEntry,
    SupportTicket,
)

NULL = "\x01"
"""What stands for NULL in a column of texts."""

_LOADING = 0x6C6F6164  # no other advisory lock of the product has this number
_DATA = (
    Customer, CustomerChange, CustomerHealth, HealthSnapshot, Event, DailyActivity, LastSeen,
    SupportTicket, Invoice, LateActivity, LateTicket, LateInvoice, ConnectedSource, RescoreEntry,
    PortfolioNow, PortfolioDay, IdempotencyKey,
)  # fmt: skip


def lock(session: Session) -> None:
    """Wait until no other transaction bulk-loads; this one may then take its time."""
    connection = session.connection()
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOADING})


def reserve_customer_ids(session: Session, *, count: int) -> list[int]:
    """Ids that nobody else will get."""
    statement = text("""
        SELECT nextval(pg_get_serial_sequence('customer', 'id')) FROM generate_series(1, :count)
    """)
    return list(session.connection().execute(statement, {"count": count}).scalars())


def copy(session: Session, *, table: str, columns: Mapping[str, Sequence[str]]) -> None:
    """Append rows, given as columns of PostgreSQL's text forms (`NULL` for NULL).

    Raises:
        ValueError: a text holds a tab or a line break, which would be read as two.
    """
    rows = len(next(iter(columns.values())))
    buffer = "\n".join(map("\t".join, zip(*columns.values(), strict=True)))
    if buffer.count("\t") != rows * (len(columns) - 1) or buffer.count("\n") != max(rows - 1, 0):
        raise ValueError(f"a text for {table} holds a tab or a line break")
    if not rows:
        return
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT text, NULL E'\\x01')").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    cursor = session.connection().connection.cursor()
    cursor.copy_expert(statement, io.StringIO(buffer.replace("\\", "\\\\") + "\n"))
    cursor.close()


def analyze(session: Session) -> None:
    """Tell the planner what has been loaded, instead of some time later."""
    names = ", ".join(table.__tablename__ for table in _DATA)
    session.connection().execute(text(f"ANALYZE {names}"))


def drop_all_data(session: Session) -> None:
    """Every customer with all that hangs on it, and what sources were ever connected."""
    lock(session)
    names = ", ".join(table.__tablename__ for table in _DATA)
    connection = session.connection()
    # A reader that never ends must not make it wait for ever, and everybody else behind it.
    connection.execute(text("SET LOCAL lock_timeout = '8s'"))
    connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    connection.execute(text("SET LOCAL lock_timeout = 0"))
