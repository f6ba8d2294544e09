"""Tickets and invoices as rows, the events they are folded from, and the locks in between.

New rows first (`insert_missing_…`), then `lock_…` for those that existed, then their events,
then `update_…`: whoever holds a row's lock sees every event that was folded into it.
Locks are taken by upserts in key order, never by a query across customers.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlmodel import Session

from db.queries.columns import array, columns

Subject = tuple[int, str]
"""(customer_id, ticket_id or invoice_id)"""


class TicketRow(NamedTuple):
    """A row of `support_ticket`."""

    customer_id: int
    ticket_id: str
    subject: str | None
    priority: str
    opened_at: datetime
    resolved_at: datetime | None
    satisfaction: int | None


class InvoiceRow(NamedTuple):
    """A row of `invoice`."""

    customer_id: int
    invoice_id: str
    amount: Decimal
    currency: str
    status: str
    due_date: date
    paid_date: date | None


class SubjectEvent(NamedTuple):
    """An event that speaks of a ticket or an invoice; in `data`, None names nothing."""

    occurred_at: datetime
    event_id: str
    data: Mapping[str, Any]
    received_at: datetime


_TICKETS = """
    SELECT * FROM unnest(
        CAST(:customer_id AS bigint[]), CAST(:ticket_id AS text[]), CAST(:subject AS text[]),
        CAST(:priority AS text[]), CAST(:opened_at AS timestamptz[]),
        CAST(:resolved_at AS timestamptz[]), CAST(:satisfaction AS smallint[])
    ) AS new(customer_id, ticket_id, subject, priority, opened_at, resolved_at, satisfaction)
"""
_INVOICES = """
    SELECT * FROM unnest(
        CAST(:customer_id AS bigint[]), CAST(:invoice_id AS text[]), CAST(:amount AS numeric[]),
        CAST(:currency AS text[]), CAST(:status AS text[]), CAST(:due_date AS date[]),
        CAST(:paid_date AS date[])
    ) AS new(customer_id, invoice_id, amount, currency, status, due_date, paid_date)
"""
_INSERT_TICKETS = text(f"""
    INSERT INTO support_ticket
        (customer_id, ticket_id, subject, priority, opened_at, resolved_at, satisfaction)
    {_TICKETS}
    ON CONFLICT (customer_id, ticket_id) DO NOTHING
    RETURNING customer_id, ticket_id
""")
_INSERT_INVOICES = text(f"""
    INSERT INTO invoice (customer_id, invoice_id, amount, currency, status, due_date, paid_date)
    {_INVOICES}
    ON CONFLICT (customer_id, invoice_id) DO NOTHING
    RETURNING customer_id, invoice_id
""")
_LOCK_TICKETS = text(f"""
    INSERT INTO support_ticket AS stored
        (customer_id, ticket_id, subject, priority, opened_at, resolved_at, satisfaction)
    {_TICKETS}
    ON CONFLICT (customer_id, ticket_id) DO UPDATE SET priority = stored.priority
    RETURNING customer_id, ticket_id, subject, priority, opened_at, resolved_at, satisfaction
""")
_LOCK_INVOICES = text(f"""
    INSERT INTO invoice AS stored
        (customer_id, invoice_id, amount, currency, status, due_date, paid_date)
    {_INVOICES}
    ON CONFLICT (customer_id, invoice_id) DO UPDATE SET status = stored.status
    RETURNING customer_id, invoice_id, amount, currency, status, due_date, paid_date
""")
_UPDATE_TICKETS = text(f"""
    UPDATE support_ticket AS stored
    SET subject = new.subject, priority = new.priority, opened_at = new.opened_at,
        resolved_at = new.resolved_at, satisfaction = new.satisfaction
    FROM ({_TICKETS}) AS new
    WHERE stored.customer_id = new.customer_id AND stored.ticket_id = new.ticket_id
""")  # noqa: S608
_UPDATE_INVOICES = text(f"""
    UPDATE invoice AS stored
    SET amount = new.amount, currency = new.currency, status = new.status,
        due_date = new.due_date, paid_date = new.paid_date
    FROM ({_INVOICES}) AS new
    WHERE stored.customer_id = new.customer_id AND stored.invoice_id = new.invoice_id
""")  # noqa: S608
# As text: a JSON number read as a double would lose digits of a large amount.
_EVENTS = text("""
    SELECT e.customer_id, e.subject_id, e.occurred_at, e.event_id, e.received_at,
           e.data->>'subject' AS subject, e.data->>'priority' AS priority,
           e.data->>'status' AS status, e.data->>'satisfaction' AS satisfaction,
           e.data->>'amount' AS amount, e.data->>'currency' AS currency,
           e.data->>'due_date' AS due_date, e.data->>'paid_date' AS paid_date
    FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:subject_ids AS text[]))
         AS wanted(customer_id, subject_id)
    JOIN event e ON e.customer_id = wanted.customer_id AND e.subject_id = wanted.subject_id
    WHERE e.event_type = :event_type
""")


def insert_missing_tickets(session: Session, *, rows: Sequence[TicketRow]) -> set[Subject]:
    """Store the tickets that don't exist, in key order; which those were."""
    return {(row[0], row[1]) for row in _run(session, _INSERT_TICKETS, rows)}


def insert_missing_invoices(session: Session, *, rows: Sequence[InvoiceRow]) -> set[Subject]:
    """Store the invoices that don't exist, in key order; which those were."""
    return {(row[0], row[1]) for row in _run(session, _INSERT_INVOICES, rows)}


def lock_tickets(session: Session, *, rows: Sequence[TicketRow]) -> list[TicketRow]:
    """Lock these tickets until commit; as they are stored."""
    return [TicketRow(*row) for row in _run(session, _LOCK_TICKETS, rows)]


def lock_invoices(session: Session, *, rows: Sequence[InvoiceRow]) -> list[InvoiceRow]:
    """Lock these invoices until commit; as they are stored."""
    return [InvoiceRow(*row) for row in _run(session, _LOCK_INVOICES, rows)]


def update_tickets(session: Session, *, rows: Sequence[TicketRow]) -> None:
    """Overwrite tickets whose locks are held."""
    _run(session, _UPDATE_TICKETS, rows)


def update_invoices(session: Session, *, rows: Sequence[InvoiceRow]) -> None:
    """Overwrite invoices whose locks are held."""
    _run(session, _UPDATE_INVOICES, rows)


def subject_events(
    session: Session, *, event_type: str, subjects: Sequence[Subject]
) -> dict[Subject, list[SubjectEvent]]:
    """Every stored event of these tickets or invoices, in no order."""
    customer_ids, subject_ids = zip(*subjects, strict=True)
    parameters = {
        "event_type": event_type,
        "customer_ids": array(customer_ids),
        "subject_ids": array(subject_ids),
    }
    found: dict[Subject, list[SubjectEvent]] = {subject: [] for subject in subjects}
    for row in session.connection().execute(_EVENTS, parameters):
        event = SubjectEvent(row.occurred_at, row.event_id, row._asdict(), row.received_at)
        found[row.customer_id, row.subject_id].append(event)
    return found


def _run(session: Session, statement: TextClause, rows: Sequence[NamedTuple]) -> Sequence[Any]:
    if not rows:
        return []
    ordered = sorted(rows, key=lambda row: row[:2])
    result = session.connection().execute(statement, columns(ordered))
    return result.all() if result.returns_rows else []
