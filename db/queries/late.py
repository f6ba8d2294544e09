"""What came in on a later UTC day than it speaks of, beside what it changed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import TextClause, text
from sqlmodel import Session

from db.queries.columns import array, columns


class LateCount(NamedTuple):
    """The part of a counter that came in on `received_day`; signal 0 has no counter."""

    customer_id: int
    day: date
    signal: int
    key: str
    received_day: date
    n: int


class LateTicket(NamedTuple):
    """A row of `late_ticket`."""

    customer_id: int
    ticket_id: str
    received_day: date
    priority: str | None = None
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    satisfaction: int | None = None


class LateInvoice(NamedTuple):
    """A row of `late_invoice`."""

    customer_id: int
    invoice_id: str
    received_day: date
    amount: Decimal | None = None
    currency: str | None = None
    due_date: date | None = None
    paid_date: date | None = None


LateKey = tuple[int, str, date]
"""(customer_id, ticket_id or invoice_id, received_day)"""

_COUNT = text("""
    INSERT INTO late_activity AS late (customer_id, day, signal, key, received_day, n)
    SELECT * FROM unnest(
        CAST(:customer_id AS bigint[]), CAST(:day AS date[]), CAST(:signal AS smallint[]),
        CAST(:key AS text[]), CAST(:received_day AS date[]), CAST(:n AS bigint[])
    )
    ON CONFLICT (customer_id, day, signal, key, received_day) DO UPDATE
    SET n = late.n + LEAST(EXCLUDED.n, 9223372036854775807 - late.n)
""")
_PUT_TICKETS = text("""
    INSERT INTO late_ticket
        (customer_id, ticket_id, received_day, priority, opened_at, resolved_at, satisfaction)
    SELECT * FROM unnest(
        CAST(:customer_id AS bigint[]), CAST(:ticket_id AS text[]),
        CAST(:received_day AS date[]), CAST(:priority AS text[]),
        CAST(:opened_at AS timestamptz[]), CAST(:resolved_at AS timestamptz[]),
        CAST(:satisfaction AS smallint[])
    )
    ON CONFLICT (customer_id, ticket_id, received_day) DO UPDATE
    SET priority = EXCLUDED.priority, opened_at = EXCLUDED.opened_at,
        resolved_at = EXCLUDED.resolved_at, satisfaction = EXCLUDED.satisfaction
""")
_PUT_INVOICES = text("""
    INSERT INTO late_invoice
        (customer_id, invoice_id, received_day, amount, currency, due_date, paid_date)
    SELECT * FROM unnest(
        CAST(:customer_id AS bigint[]), CAST(:invoice_id AS text[]),
        CAST(:received_day AS date[]), CAST(:amount AS numeric[]), CAST(:currency AS text[]),
        CAST(:due_date AS date[]), CAST(:paid_date AS date[])
    )
    ON CONFLICT (customer_id, invoice_id, received_day) DO UPDATE
    SET amount = EXCLUDED.amount, currency = EXCLUDED.currency,
        due_date = EXCLUDED.due_date, paid_date = EXCLUDED.paid_date
""")
_KEYS = """
    SELECT * FROM unnest(
        CAST(:customer_ids AS bigint[]), CAST(:ids AS text[]), CAST(:days AS date[])
    )
"""
_REMOVE_TICKETS = text(f"""
    DELETE FROM late_ticket WHERE (customer_id, ticket_id, received_day) IN ({_KEYS})
""")  # noqa: S608
_REMOVE_INVOICES = text(f"""
    DELETE FROM late_invoice WHERE (customer_id, invoice_id, received_day) IN ({_KEYS})
""")  # noqa: S608


def add_counts(session: Session, *, rows: Iterable[LateCount]) -> None:
    """Add what came in late, in key order. Each key may come once."""
    _put(session, _COUNT, sorted(rows))


def put_tickets(session: Session, *, rows: Sequence[LateTicket]) -> None:
    """Remember how tickets were known before; their own rows are locked."""
    _put(session, _PUT_TICKETS, rows)


def put_invoices(session: Session, *, rows: Sequence[LateInvoice]) -> None:
    """Remember how invoices were known before; their own rows are locked."""
    _put(session, _PUT_INVOICES, rows)


def remove_tickets(session: Session, *, keys: Sequence[LateKey]) -> None:
    """Forget what turned out to change no past."""
    _remove(session, _REMOVE_TICKETS, keys)


def remove_invoices(session: Session, *, keys: Sequence[LateKey]) -> None:
    """Forget what turned out to change no past."""
    _remove(session, _REMOVE_INVOICES, keys)


def _put(session: Session, statement: TextClause, rows: Sequence[NamedTuple]) -> None:
    if rows:
        session.connection().execute(statement, columns(rows))


def _remove(session: Session, statement: TextClause, keys: Sequence[LateKey]) -> None:
    if keys:
        customer_ids, ids, days = map(array, zip(*keys, strict=True))
        values = {"customer_ids": customer_ids, "ids": ids, "days": days}
        session.connection().execute(statement, values)
