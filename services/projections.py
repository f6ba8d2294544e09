"""Tickets and invoices as their events tell them: pure folds, the same for any order of arrival.

Each field is that of the newest event that names it, ordered by (timestamp, event_id);
defaults apply only where no event names it. null names nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import takewhile
from typing import Any

from db.queries.projections import InvoiceRow, SubjectEvent, TicketRow
from services.clock import utc_day

PAYMENT_TERM = timedelta(days=30)
_CENT_OF_A_CENT = Decimal("0.0001")


def fold_ticket(customer_id: int, ticket_id: str, events: Iterable[SubjectEvent]) -> TicketRow:
    """A ticket from all its events (at least one).

    opened_at is the earliest timestamp. The newest event that names a status decides:
    `resolved` resolves at that event's time, `open` (re)opens.
    """
    ordered = _in_order(events)
    status = next((event for event in reversed(ordered) if _names(event, "status")), None)
    resolved = status is not None and status.data["status"] == "resolved"
    satisfaction = _newest(ordered, "satisfaction")
    return TicketRow(
        customer_id=customer_id,
        ticket_id=ticket_id,
        subject=_newest(ordered, "subject"),
        priority=_newest(ordered, "priority") or "medium",
        opened_at=ordered[0].occurred_at,
        resolved_at=status.occurred_at if status is not None and resolved else None,
        satisfaction=None if satisfaction is None else int(satisfaction),
    )


def fold_invoice(customer_id: int, invoice_id: str, events: Iterable[SubjectEvent]) -> InvoiceRow:
    """An invoice from all its events (at least one).

    Paying events are those that name the status `paid`, and those without a status that no
    event naming one comes before: `paid` is the default, and what came later takes no
    payment back. paid_date is the newest paid_date that a paying event names, else the
    newest paying event's UTC day; `pending` and `failed` never clear it. due_date is the
    newest named; else 30 days after the first `pending` or `failed`; else paid_date. An
    invoice with a paid_date is `paid`. Amounts are rounded half up to four decimals,
    currencies upper case.
    """
    ordered = _in_order(events)
    status = _newest(ordered, "status") or "paid"
    bare = takewhile(lambda event: not _names(event, "status"), ordered)
    paid = (event for event in ordered if event.data.get("status") == "paid")
    paid_date = _paid_date([*bare, *paid])
    return InvoiceRow(
        customer_id=customer_id,
        invoice_id=invoice_id,
        amount=_amount(_newest(ordered, "amount")),
        currency=(_newest(ordered, "currency") or "USD").upper(),
        status="paid" if paid_date else status,
        due_date=_due_date(ordered, paid_date),
        paid_date=paid_date,
    )


def ticket_affects(before: TicketRow | None, after: TicketRow) -> date | None:
    """The earliest UTC day whose score the change of a ticket can move, if any.

    A ticket weighs by its priority from the day it was opened; when it was resolved and
    how satisfied the customer was weigh nothing.
    """
    opened = utc_day(after.opened_at)
    if before is None:
        return opened
    if before.priority == after.priority and before.opened_at == after.opened_at:
        return None
    return min(opened, utc_day(before.opened_at))


def invoice_affects(before: InvoiceRow | None, after: InvoiceRow) -> date | None:
    """The earliest UTC day whose score the change of an invoice can move, if any.

    An invoice counts from its due date on, and differs from the day of an earlier payment.
    """
    if before is None:
        return after.due_date
    if before.due_date != after.due_date:
        return min(before.due_date, after.due_date)
    if before.paid_date == after.paid_date:
        return None
    paid = min(day for day in (before.paid_date, after.paid_date) if day is not None)
    return max(paid, after.due_date)


def _in_order(events: Iterable[SubjectEvent]) -> list[SubjectEvent]:
    # Strings compare by code point: the same everywhere, whatever the database's locale.
    return sorted(events, key=lambda event: (event.occurred_at, event.event_id))


def _names(event: SubjectEvent, field: str) -> bool:
    return event.data.get(field) is not None


def _newest(ordered: Sequence[SubjectEvent], field: str) -> Any:
    return next((event.data[field] for event in reversed(ordered) if _names(event, field)), None)


def _amount(value: object) -> Decimal:
    return Decimal(str(value)).quantize(_CENT_OF_A_CENT, ROUND_HALF_UP)


def _paid_date(paying: Sequence[SubjectEvent]) -> date | None:
    named = _newest(paying, "paid_date")
    if named is not None:
        return date.fromisoformat(named)
    return utc_day(paying[-1].occurred_at) if paying else None


def _due_date(ordered: Sequence[SubjectEvent], paid_date: date | None) -> date:
    named = _newest(ordered, "due_date")
    if named is not None:
        return date.fromisoformat(named)
    unpaid = [event for event in ordered if event.data.get("status") in {"pending", "failed"}]
    if unpaid:
        return utc_day(unpaid[0].occurred_at) + PAYMENT_TERM
    assert paid_date is not None, "without pending or failed, every event pays"  # noqa: S101
    return paid_date
