"""Customers and events for page tests, stored by the services that the product stores with."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from services import customers, ingest
from services.clock import utc_now
from services.customer_input import CustomerIn
from services.events import EVENT_ADAPTER
from tests.support.actors import TESTER


def add_customer(session: Session, name: str = "Acme", **fields: Any) -> int:
    """A customer, two years old unless said otherwise; committed.

    Returns:
        its id
    """
    now = utc_now()
    given = {
        "name": name,
        "email": f"{name.encode().hex()[:60]}@example.com",
        "segment": "smb",
        "created_at": _text(now - timedelta(days=730)),
        **fields,
    }
    item = customers.create(session, by=TESTER, customer=CustomerIn.model_validate(given), now=now)
    session.commit()
    return item.id


def add_events(
    session: Session, customer_id: int, events: Sequence[tuple[str, int, Mapping[str, Any]]]
) -> None:
    """Events as (type, days ago, data); committed."""
    now = utc_now()
    items = [
        (
            customer_id,
            EVENT_ADAPTER.validate_python(
                {
                    "event_type": event_type,
                    "event_data": dict(data),
                    "timestamp": _text(now - timedelta(days=ago)),
                }
            ),
        )
        for event_type, ago, data in events
    ]
    verdicts = ingest.record_events(session, items=items, source="test", now=now)
    assert all(verdict.status == "accepted" for verdict in verdicts)
    session.commit()


def worked_example(session: Session, name: str = "Acme", **fields: Any) -> int:
    """The second worked example: 76, 75, 90, 75, 65 → 78.05, healthy."""
    customer_id = add_customer(session, name, **fields)
    today = utc_now().date()

    def paid(due_ago: int, late: int) -> tuple[str, int, dict[str, Any]]:
        due = today - timedelta(days=due_ago)
        day = due + timedelta(days=late)
        data = {"amount": 100, "due_date": due.isoformat(), "paid_date": day.isoformat()}
        return ("payment", due_ago - late, data)

    add_events(
        session,
        customer_id,
        [
            ("api_call", 3, {"endpoint": "/v1/orders", "count": 360, "status_code": 200}),
            ("api_call", 3, {"endpoint": "/v1/orders", "count": 40, "status_code": 500}),
            *(("login", day, {"user_id": "ada"}) for day in range(1, 16)),
            paid(20, 0),
            paid(50, 0),
            paid(80, 0),
            paid(110, 12),
            *(("feature_use", 5, {"feature_name": f"feature {n}"}) for n in range(6)),
            ("support_ticket", 8, {"ticket_id": "T-1", "priority": "medium"}),
            ("support_ticket", 9, {"ticket_id": "T-2", "priority": "medium"}),
            ("support_ticket", 10, {"ticket_id": "T-3", "priority": "high"}),
        ],
    )
    return customer_id


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
