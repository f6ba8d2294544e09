"""Keeping tickets and invoices in step with their events, under their rows' locks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar

from sqlmodel import Session

from db.queries import late
from db.queries import projections as queries
from db.queries.projections import InvoiceRow, Subject, SubjectEvent, TicketRow
from services.incoming import Incoming
from services.late_records import Told, late_invoices, late_tickets
from services.projections import fold_invoice, fold_ticket, invoice_affects, ticket_affects

Row = TypeVar("Row", TicketRow, InvoiceRow)
RowIn = TypeVar("RowIn", TicketRow, InvoiceRow, contravariant=True)


class _Insert(Protocol[RowIn]):
    def __call__(self, session: Session, *, rows: Sequence[RowIn]) -> set[Subject]: ...


class _Lock(Protocol[Row]):
    def __call__(self, session: Session, *, rows: Sequence[Row]) -> list[Row]: ...


class _Update(Protocol[RowIn]):
    def __call__(self, session: Session, *, rows: Sequence[RowIn]) -> None: ...


@dataclass(frozen=True)
class _Projection(Generic[Row]):
    event_type: str
    fold: Callable[[int, str, Sequence[SubjectEvent]], Row]
    affects: Callable[[Row | None, Row], date | None]
    insert_missing: _Insert[Row]
    lock: _Lock[Row]
    update: _Update[Row]
    remember: Callable[[Session, Sequence[Told[Row]]], None]


def _remember_tickets(session: Session, told: Sequence[Told[TicketRow]]) -> None:
    rows, gone = late_tickets(told)
    late.remove_tickets(session, keys=gone)
    late.put_tickets(session, rows=rows)


def _remember_invoices(session: Session, told: Sequence[Told[InvoiceRow]]) -> None:
    rows, gone = late_invoices(told)
    late.remove_invoices(session, keys=gone)
    late.put_invoices(session, rows=rows)


_TICKETS = _Projection(
    "support_ticket",
    fold_ticket,
    ticket_affects,
    queries.insert_missing_tickets,
    queries.lock_tickets,
    queries.update_tickets,
    _remember_tickets,
)
_INVOICES = _Projection(
    "payment",
    fold_invoice,
    invoice_affects,
    queries.insert_missing_invoices,
    queries.lock_invoices,
    queries.update_invoices,
    _remember_invoices,
)


def project(session: Session, *, events: Sequence[Incoming]) -> list[tuple[int, date]]:
    """Bring tickets and invoices up to date with events just stored.

    Returns:
        (customer, earliest UTC day whose score moves) for each ticket or invoice that changed.
    """
    return _project(session, _TICKETS, events) + _project(session, _INVOICES, events)


def _project(
    session: Session, kind: _Projection[Row], events: Sequence[Incoming]
) -> list[tuple[int, date]]:
    touched: dict[Subject, list[SubjectEvent]] = {}
    for event in events:
        if event.row.event_type == kind.event_type and event.row.subject_id is not None:
            subject = (event.row.customer_id, event.row.subject_id)
            touched.setdefault(subject, []).append(event.subject_event)
    rows = [kind.fold(*subject, told) for subject, told in touched.items()]
    # A row that this inserts has no other event: whoever stores one waits here for our commit.
    missing = kind.insert_missing(session, rows=rows)
    changes: list[tuple[Row | None, Row]] = [(None, row) for row in rows if row[:2] in missing]
    refolded, events_of = _refold(session, kind, [row for row in rows if row[:2] not in missing])
    changes += refolded
    told = [(after, touched[after[0], after[1]]) for _, after in changes]
    kind.remember(
        session, [Told(row, new, events_of.get((row[0], row[1]), new)) for row, new in told]
    )
    affected = ((after[0], kind.affects(before, after)) for before, after in changes)
    return [(customer_id, day) for customer_id, day in affected if day is not None]


def _refold(
    session: Session, kind: _Projection[Row], rows: Sequence[Row]
) -> tuple[list[tuple[Row | None, Row]], dict[Subject, list[SubjectEvent]]]:
    if not rows:
        return [], {}
    stored = kind.lock(session, rows=rows)
    # Read after the lock: a statement sees what was committed before it began.
    told = queries.subject_events(
        session, event_type=kind.event_type, subjects=[(row[0], row[1]) for row in rows]
    )
    changes = [(row, kind.fold(row[0], row[1], told[row[0], row[1]])) for row in stored]
    kind.update(session, rows=[after for before, after in changes if after != before])
    return list(changes), told
