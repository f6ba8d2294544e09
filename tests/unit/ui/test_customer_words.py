"""What a customer's page says in words."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.views import EventItem, InvoiceItem, SnapshotItem, Status
from tests.unit.ui.charts_data import AS_OF, WORKED_EXAMPLE, factor, health
from ui.customer import record_rows
from ui.customer.address import parse_id
from ui.customer.factor_rows import weight
from ui.customer.score_card import missing_line
from ui.customer.since import since

pytestmark = pytest.mark.unit


def _history(*statuses: Status) -> list[SnapshotItem]:
    """Snapshots that end with AS_OF."""
    return [
        SnapshotItem(
            day=AS_OF - timedelta(days=len(statuses) - 1 - position),
            overall_score=50.0,
            status=status,
            coverage=1.0,
            model="standard",
            model_version=1,
            factor_scores={},
            segment="smb",
            arr=None,
            owner=None,
        )
        for position, status in enumerate(statuses)
    ]


@pytest.mark.parametrize(
    ("history", "status", "expected"),
    [
        (["at_risk", "critical", "critical"], "critical", "since 19 November"),
        (["critical", "critical", "at_risk"], "at_risk", "since today"),
        # The newest snapshot may lag behind the live status.
        (["at_risk", "critical", "at_risk"], "critical", "since 19 November"),
        (["critical", "at_risk", "critical"], "critical", "since today"),
        ([], "critical", "since today"),
        (["critical"] * 4, "critical", "since 17 November"),
        (["critical"] * 5, "critical", "for at least 5 days"),
    ],
)
def test_since(history: list[Status], status: Status, expected: str) -> None:
    assert since(_history(*history), status, as_of=AS_OF, days=5) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", 7),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("0", None),
        ("-1", None),
        ("1.5", None),
        ("abc", None),
        ("", None),
        (None, None),
        ("٣", None),
        ("9" * 5000, None),
    ],
)
def test_an_address_names_a_customer_or_nobody(text: str | None, expected: int | None) -> None:
    assert parse_id(text) == expected


def test_weight_tells_when_it_is_shared_anew() -> None:
    assert weight(factor("a", 50, 0.3)) == "weight 30%"
    assert weight(factor("a", 50, 0.3, effective_weight=0.4)) == "weight 30%, now 40%"
    assert weight(factor("a", None, 0.3)) == "weight 30%, left out"
    assert weight(factor("a", 50, 0.3, neutral=True)) == "weight 30%, neutral"


def test_missing_data_in_one_line() -> None:
    assert missing_line(health(WORKED_EXAMPLE)) == "All five factors have data."
    some = [factor("api_usage", None, 0.3), factor("payment", 50, 0.7, neutral=True)]
    assert missing_line(health(some)) == (
        "Api usage: no data, weight shared among the others. Payment: no data, counted as neutral."
    )
    assert missing_line(health(some, "no_data", overall_score=None, coverage=0.0)) == (
        "0% of the score's weight has data, and half is needed. Missing: Api usage, Payment."
    )


@pytest.mark.parametrize(
    ("status", "paid", "late", "expected"),
    [
        ("paid", date(2026, 11, 1), 0, "Paid"),
        ("paid", date(2026, 11, 13), 12, "Paid 12 days late"),
        ("pending", None, 0, "Pending"),
        ("failed", None, 1, "Failed, 1 day overdue"),
        ("failed", date(2026, 11, 2), 1, "Paid 1 day late"),
    ],
)
def test_an_invoice_says_how_it_stands(
    status: str, paid: date | None, late: int, expected: str
) -> None:
    item = InvoiceItem(
        invoice_id="INV-1",
        amount=Decimal("1234.5"),
        currency="EUR",
        due_date=date(2026, 11, 1),
        paid_date=paid,
        status=status,
        days_late=late,
    )
    assert record_rows.invoice_status(item) == expected
    assert record_rows.invoice(item)["amount"] == "1,234.50 EUR"


def test_an_events_data_is_told_in_one_line() -> None:
    moment = datetime(2026, 11, 20, 9, tzinfo=UTC)
    item = EventItem(
        event_id="e1",
        event_type="api_call",
        occurred_at=moment,
        received_at=moment,
        event_data={"endpoint": "/v1/orders", "count": 3, "own": {"a": [1]}},
    )
    row = record_rows.event(item)
    assert row["type"] == "API call"
    assert row["data"] == "endpoint: /v1/orders, count: 3, own: {'a': [1]}"
