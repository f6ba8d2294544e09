"""How tickets and invoices were known before late news changed their past: pure.

What is known of a ticket or invoice follows from those of its events that have come in.
Usually news moves no day before it came in: a ticket that is resolved today was open
yesterday, whenever it is asked. Where it does, the state before is kept under the UTC day
of receipt: as known on a day D, the kept state with the earliest `received_day` after D
holds, and without one the present row.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

from db.queries.late import LateInvoice, LateKey, LateTicket
from db.queries.projections import InvoiceRow, Subject, SubjectEvent, TicketRow
from services.clock import utc_day
from services.projections import fold_invoice, fold_ticket

Row = TypeVar("Row", TicketRow, InvoiceRow)
Fold = Callable[[int, str, Sequence[SubjectEvent]], Row]

Seen = tuple[Any, ...] | None
"""What signals can see of a row as of a day; None where they see nothing."""


class Told(NamedTuple, Generic[Row]):
    """All events of a ticket or invoice, those just stored among them, and what they come to."""

    row: Row
    new: Sequence[SubjectEvent]
    events: Sequence[SubjectEvent]


def late_tickets(told: Iterable[Told[TicketRow]]) -> tuple[list[LateTicket], list[LateKey]]:
    """What the new events make known as late: rows to keep, and rows to keep no longer."""
    kept, gone = _changes(told, fold_ticket, ticket_seen)
    rows = [
        LateTicket(*key)
        if row is None
        else LateTicket(*key, row.priority, row.opened_at, row.resolved_at, row.satisfaction)
        for key, row in kept
    ]
    return rows, gone


def late_invoices(told: Iterable[Told[InvoiceRow]]) -> tuple[list[LateInvoice], list[LateKey]]:
    """The same for invoices."""
    kept, gone = _changes(told, fold_invoice, invoice_seen)
    rows = [
        LateInvoice(*key)
        if row is None
        else LateInvoice(*key, row.amount, row.currency, row.due_date, row.paid_date)
        for key, row in kept
    ]
    return rows, gone


def ticket_seen(row: TicketRow, day: date) -> Seen:
    """A ticket's part in the signals as of a day and of those before."""
    if utc_day(row.opened_at) > day:
        return None
    later = row.resolved_at is not None and utc_day(row.resolved_at) > day
    return (
        row.priority,
        row.opened_at,
        None if later else row.resolved_at,
        None if later else row.satisfaction,
    )


def invoice_seen(row: InvoiceRow, day: date) -> Seen:
    """An invoice's part in the signals as of a day and of those before."""
    paid = row.paid_date if row.paid_date is not None and row.paid_date <= day else None
    if row.due_date > day or (row.due_date == day and paid is None):
        return None
    return row.amount, row.currency, row.due_date, paid


def _changes(
    told: Iterable[Told[Row]], fold: Fold[Row], seen: Callable[[Row, date], Seen]
) -> tuple[list[tuple[LateKey, Row | None]], list[LateKey]]:
    kept: list[tuple[LateKey, Row | None]] = []
    gone: list[LateKey] = []
    for each in told:
        subject: Subject = each.row[0], each.row[1]
        since = min(utc_day(event.received_at) for event in each.new)
        stored = {event.event_id for event in each.new}
        others = [event for event in each.events if event.event_id not in stored]
        before = dict(_states(subject, None, others, since, fold, seen))
        after = dict(_states(subject, each.row, each.events, since, fold, seen))
        for day, state in after.items():
            if day not in before or before[day] != state:
                kept.append(((*subject, day), state))
        gone += [(*subject, day) for day in before.keys() - after.keys()]
    return kept, gone


def _states(
    subject: Subject,
    last: Row | None,
    events: Sequence[SubjectEvent],
    since: date,
    fold: Fold[Row],
    seen: Callable[[Row, date], Seen],
) -> Iterator[tuple[date, Row | None]]:
    """The state before each UTC day of receipt, from `since` on, that changed days before it.

    Args:
        last: what all the events come to, where that is known already.
    """
    received = [(utc_day(event.received_at), event) for event in events]
    days = sorted({day for day, _ in received if day >= since})

    def known_before(limit: date) -> Row | None:
        told = [event for day, event in received if day < limit]
        return fold(*subject, told) if told else None

    states = [known_before(day) for day in days]
    if days:
        states.append(last or known_before(date.max))
    for day, before, after in zip(days, states, states[1:], strict=False):
        eve = day - timedelta(days=1)
        if (before and seen(before, eve)) != (after and seen(after, eve)):
            yield day, before
