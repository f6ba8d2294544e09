"""Tickets and invoices folded from their events: each rule, and no rule depends on arrival."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from db.queries.projections import InvoiceRow, SubjectEvent, TicketRow
from services.projections import fold_invoice, fold_ticket, invoice_affects, ticket_affects

pytestmark = pytest.mark.unit

MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY = MONDAY.date()


def told(day: int, event_id: str = "e", **data: Any) -> SubjectEvent:
    moment = MONDAY + timedelta(days=day)
    return SubjectEvent(moment, event_id, data, moment)


def in_any_order(fold: Callable[[int, str, Any], Any], events: tuple[SubjectEvent, ...]) -> Any:
    first, *others = [fold(1, "x", order) for order in permutations(events)]
    assert all(other == first for other in others)
    return first


def ticket(*events: SubjectEvent) -> TicketRow:
    row: TicketRow = in_any_order(fold_ticket, events)
    return row


def invoice(*events: SubjectEvent) -> InvoiceRow:
    with_amount = tuple(e._replace(data={"amount": 10, **e.data}) for e in events)
    row: InvoiceRow = in_any_order(fold_invoice, with_amount)
    return row


def test_a_ticket_defaults_only_where_no_event_names_the_field() -> None:
    assert ticket(told(0)) == TicketRow(1, "x", None, "medium", MONDAY, None, None)
    row = ticket(told(0, priority="urgent", subject="Export"), told(1, satisfaction=4), told(2))
    assert (row.priority, row.subject, row.satisfaction) == ("urgent", "Export", 4)


def test_a_ticket_takes_each_field_from_the_newest_event_that_names_it() -> None:
    row = ticket(
        told(0, priority="low", subject="a"),
        told(1, priority="high", subject=None),
        told(2, subject="c", priority=None),
    )
    assert (row.priority, row.subject) == ("high", "c")


def test_a_ticket_is_resolved_and_reopened_by_the_newest_status() -> None:
    assert ticket(told(0), told(1, status="resolved")).resolved_at == MONDAY + timedelta(days=1)
    again = ticket(told(0), told(1, status="resolved"), told(2, status="resolved"))
    assert again.resolved_at == MONDAY + timedelta(days=2)
    assert ticket(told(1, status="resolved"), told(2, status="open")).resolved_at is None
    silent = ticket(told(0), told(1, status="resolved"), told(2, priority="low"))
    assert silent.resolved_at == MONDAY + timedelta(days=1)


def test_a_ticket_is_opened_by_its_earliest_event() -> None:
    assert ticket(told(3), told(0, status="resolved"), told(2)).opened_at == MONDAY


def test_equal_times_are_ordered_by_event_id_in_code_points() -> None:
    row = ticket(told(0, "Z", priority="low"), told(0, "a", priority="high"))
    assert row.priority == "high"
    row = ticket(told(0, "é", priority="low"), told(0, "z", priority="high"))
    assert row.priority == "low"


def test_a_bare_payment_is_paid_and_due_on_its_day() -> None:
    assert invoice(told(0)) == InvoiceRow(1, "x", Decimal("10.0000"), "USD", "paid", DAY, DAY)


def test_an_explicit_paid_date_beats_the_day_of_the_event() -> None:
    row = invoice(told(5, paid_date="2026-05-01", due_date="2026-04-20"))
    assert (row.paid_date, row.due_date) == (date(2026, 5, 1), date(2026, 4, 20))
    row = invoice(told(0, status="paid", paid_date="2026-05-01"), told(9, status="paid"))
    assert row.paid_date == date(2026, 5, 1)
    row = invoice(told(0, paid_date="2026-05-01"), told(9, paid_date="2026-05-02"))
    assert row.paid_date == date(2026, 5, 2)


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_pending_and_failed_leave_unpaid_and_fall_due_after_30_days(status: str) -> None:
    row = invoice(told(0, status=status))
    assert (row.status, row.paid_date, row.due_date) == (status, None, DAY + timedelta(days=30))
    row = invoice(told(0, status=status), told(3, status="failed"))
    assert (row.status, row.due_date) == ("failed", DAY + timedelta(days=30))


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_pending_and_failed_never_clear_a_paid_date(status: str) -> None:
    row = invoice(told(0, status="paid"), told(1, status=status))
    assert (row.status, row.paid_date) == ("paid", DAY)
    assert row.due_date == DAY + timedelta(days=31)


def test_an_event_without_status_pays_unless_an_earlier_one_names_a_status() -> None:
    row = invoice(told(0, status="pending"), told(1))
    assert (row.status, row.paid_date) == ("pending", None)
    row = invoice(told(0), told(1, status="failed"))
    assert (row.status, row.paid_date) == ("paid", DAY)
    row = invoice(told(0), told(1))
    assert (row.status, row.paid_date) == ("paid", DAY + timedelta(days=1))


def test_a_paid_date_of_an_event_that_does_not_pay_is_no_payment() -> None:
    assert invoice(told(0, status="failed", paid_date="2026-05-01")).paid_date is None


def test_the_newest_due_date_amount_and_currency_win() -> None:
    row = invoice(
        told(0, due_date="2026-06-01", amount=1, currency="eur"),
        told(1, due_date="2026-07-01", amount=2, status="pending"),
        told(2, amount=3, status="paid"),
    )
    assert row.due_date == date(2026, 7, 1)
    assert (row.amount, row.currency) == (Decimal(3), "EUR")
    assert row.paid_date == DAY + timedelta(days=2)


@pytest.mark.parametrize(
    ("amount", "stored"),
    [
        (0.1, "0.1"),
        ("999999999999.9999", "999999999999.9999"),
        (0.00005, "0.0001"),
        (Decimal("0.00014999"), "0.0001"),
        (0.30000000000000004, "0.3"),
        (10**12, "1000000000000"),
    ],
)
def test_amounts_are_rounded_half_up_to_four_decimals(amount: Any, stored: str) -> None:
    assert invoice(told(0, amount=amount)).amount == Decimal(stored)


def test_which_days_a_ticket_moves() -> None:
    before = ticket(told(0), told(5))
    assert ticket_affects(None, before) == DAY
    assert ticket_affects(before, before._replace(resolved_at=MONDAY, satisfaction=1)) is None
    assert ticket_affects(before, before._replace(priority="low")) == DAY
    earlier = before._replace(opened_at=MONDAY - timedelta(days=2))
    assert ticket_affects(before, earlier) == DAY - timedelta(days=2)


def test_which_days_an_invoice_moves() -> None:
    late = InvoiceRow(1, "x", Decimal(1), "USD", "paid", DAY, DAY + timedelta(days=9))
    unpaid = late._replace(paid_date=None, status="pending")
    early = late._replace(paid_date=DAY - timedelta(days=9))
    assert invoice_affects(None, late) == DAY
    assert invoice_affects(unpaid, unpaid._replace(amount=Decimal(2), status="failed")) is None
    assert invoice_affects(unpaid, late) == DAY + timedelta(days=9)
    assert invoice_affects(late, early) == DAY
    assert invoice_affects(unpaid, early) == DAY
    sooner = unpaid._replace(due_date=DAY - timedelta(days=3))
    assert invoice_affects(unpaid, sooner) == invoice_affects(sooner, unpaid) == sooner.due_date
