"""How tickets and invoices were known before late news, against a fold of what had come in."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.queries.late import LateInvoice, LateKey, LateTicket
from db.queries.projections import InvoiceRow, SubjectEvent, TicketRow
from services.late_records import (
    Told,
    invoice_seen,
    late_invoices,
    late_tickets,
    ticket_seen,
)
from services.projections import fold_invoice, fold_ticket

pytestmark = pytest.mark.unit

FIRST = date(2026, 5, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(-2, 14)]
few_days = st.integers(0, 8).map(lambda n: FIRST + timedelta(days=n))
named_days = few_days.map(date.isoformat)


class Kind(NamedTuple):
    """One of the two, with what it is compared by."""

    fold: Callable[..., Any]
    seen: Callable[[Any, date], Any]
    late: Callable[[Iterable[Told[Any]]], tuple[list[Any], list[LateKey]]]
    data: st.SearchStrategy[dict[str, Any]]
    row: Callable[[Any], Any]


def ticket(late: LateTicket) -> TicketRow | None:
    if late.opened_at is None or late.priority is None:
        return None
    known = late.priority, late.opened_at, late.resolved_at, late.satisfaction
    return TicketRow(late.customer_id, late.ticket_id, None, *known)


def invoice(late: LateInvoice) -> InvoiceRow | None:
    if late.amount is None or late.currency is None or late.due_date is None:
        return None
    return InvoiceRow(1, "x", late.amount, late.currency, "paid", late.due_date, late.paid_date)


TICKETS = Kind(
    fold_ticket,
    ticket_seen,
    late_tickets,
    st.fixed_dictionaries(
        {},
        optional={
            "priority": st.sampled_from(["low", "urgent"]),
            "status": st.sampled_from(["open", "resolved"]),
            "satisfaction": st.integers(1, 2),
        },
    ),
    ticket,
)
INVOICES = Kind(
    fold_invoice,
    invoice_seen,
    late_invoices,
    st.fixed_dictionaries(
        {"amount": st.integers(1, 2)},
        optional={
            "status": st.sampled_from(["paid", "pending", "failed"]),
            "due_date": named_days,
            "paid_date": named_days,
        },
    ),
    invoice,
)


@st.composite
def batches(draw: st.DrawFn, kind: Kind) -> list[list[SubjectEvent]]:
    """A ticket's or invoice's events as they are stored, some together."""
    stored: list[list[SubjectEvent]] = [[]]
    for number in range(draw(st.integers(1, 6))):
        happened, received = (datetime.combine(draw(few_days), time(9), UTC) for _ in range(2))
        stored[-1].append(SubjectEvent(happened, f"e{number}", draw(kind.data), received))
        if draw(st.booleans()):
            stored.append([])
    return [batch for batch in stored if batch]


def kept_after(kind: Kind, stored: list[list[SubjectEvent]]) -> dict[LateKey, Any]:
    """What is kept after all of them."""
    kept: dict[LateKey, Any] = {}
    events: list[SubjectEvent] = []
    for new in stored:
        events = events + new
        rows, gone = kind.late([Told(kind.fold(1, "x", events), new, events)])
        for key in gone:
            del kept[key]
        kept |= {row[:3]: row for row in rows}
    return kept


@pytest.mark.parametrize("kind", [TICKETS, INVOICES], ids=["tickets", "invoices"])
def test_what_is_kept_tells_every_past_and_nothing_else(kind: Kind) -> None:
    @given(batches(kind))
    def check(stored: list[list[SubjectEvent]]) -> None:
        kept = kept_after(kind, stored)
        events = [event for batch in stored for event in batch]
        now = kind.fold(1, "x", events)
        for day in DAYS:
            later = min((row for row in kept.values() if row.received_day > day), default=None,
                        key=lambda row: row.received_day)  # fmt: skip
            known = now if later is None else kind.row(later)
            then = [event for event in events if event.received_at.date() <= day]
            expected = kind.fold(1, "x", then) if then else None
            for past in (day, day - timedelta(days=3)):
                seen = known and kind.seen(known, past)
                assert seen == (expected and kind.seen(expected, past)), (day, past)
        assert kept == kept_after(kind, [events]), "in any order of arrival"

    check()


def test_nothing_is_kept_where_news_speaks_of_its_own_day() -> None:
    opened, resolved = (datetime(2026, 5, day, 9, tzinfo=UTC) for day in (4, 6))
    told = [
        SubjectEvent(opened, "a", {"priority": "high"}, opened),
        SubjectEvent(resolved, "b", {"status": "resolved", "satisfaction": 5}, resolved),
    ]
    assert kept_after(TICKETS, [[told[0]], [told[1]]]) == {}
    told = [
        SubjectEvent(opened, "a", {"amount": 5, "status": "pending"}, opened),
        SubjectEvent(resolved, "b", {"amount": 5, "status": "paid"}, resolved),
    ]
    assert kept_after(INVOICES, [told]) == {}
