"""The worked examples, fed only through REST to a real server and read back there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api_server import running_api, wait_until_fresh

pytestmark = pytest.mark.integration

Event = tuple[str, int, dict[str, Any]]
"""Event type, days ago, data."""


@pytest.fixture
def api(server_env: dict[str, str]) -> Iterator[httpx.Client]:
    with running_api(server_env) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def feed(api: httpx.Client, email: str, events: list[Event]) -> int:
    body = {
        "name": "Example",
        "email": email,
        "segment": "smb",
        "created_at": days_ago(730).isoformat(),
    }
    customer_id: int = api.post("/api/customers", json=body).raise_for_status().json()["id"]
    for event_type, days, data in events:
        event = {
            "event_type": event_type,
            "event_data": data,
            "timestamp": days_ago(days).isoformat(),
        }
        answer = api.post(f"/api/customers/{customer_id}/events", json=event)
        assert answer.status_code == 201, answer.text
    return customer_id


def invoice(due: int, paid: int) -> Event:
    dates = {f"{k}_date": days_ago(n).date().isoformat() for k, n in (("due", due), ("paid", paid))}
    return ("payment", paid, {"amount": 100, **dates})


def features(count: int) -> list[Event]:
    return [("feature_use", 10 + n, {"feature_name": f"feature-{n}"}) for n in range(count)]


def tickets(medium: int, high: int = 0) -> list[Event]:
    priorities = ["medium"] * medium + ["high"] * high
    return [("support_ticket", 20, {"priority": priority}) for priority in priorities]


def calls(days: int, count: int, status_code: int = 200) -> Event:
    data = {"endpoint": "/v1/orders", "count": count, "status_code": status_code}
    return ("api_call", days, data)


def scores(health: dict[str, Any]) -> dict[str, float]:
    return {factor["factor_name"]: factor["score"] for factor in health["factor_scores"]}


def test_worked_example_1_with_the_momentum_model(api: httpx.Client) -> None:
    customer = feed(
        api,
        "one@example.org",
        [
            *[("login", 5, {"user_id": "ada"})] * 10,
            *features(3),
            *tickets(medium=4),
            *[invoice(due=40, paid=41), invoice(due=70, paid=70), invoice(due=100, paid=97)],
            calls(3, 45),
            calls(33, 70),
        ],
    )
    health = api.get(f"/api/customers/{customer}/health", params={"model": "momentum"}).json()
    assert scores(health) == {
        "login_frequency": 50,
        "feature_adoption": 60,
        "support_tickets": 60,
        "payment_timeliness": 66.67,
        "api_trend": 40,
    }
    assert (health["overall_score"], health["status"]) == (56.83, "at_risk")
    assert health["model"] == "momentum"


STANDARD: list[Event] = [
    calls(2, 360),
    calls(3, 40, status_code=500),
    *[("login", 5, {})] * 15,
    *features(6),
    *tickets(medium=2, high=1),
]
INVOICES = [invoice(20, 20), invoice(50, 55), invoice(80, 80), invoice(110, 98)]


def test_worked_examples_2_and_3_with_the_standard_model(api: httpx.Client) -> None:
    paying = feed(api, "two@example.org", [*STANDARD, *INVOICES])
    health = api.get(f"/api/customers/{paying}/health").json()
    assert scores(health) == {
        "api_usage": 76,
        "login_frequency": 75,
        "payment_timeliness": 90,
        "feature_adoption": 75,
        "support_tickets": 65,
    }
    assert (health["overall_score"], health["status"]) == (78.05, "healthy")

    unpaying = feed(api, "three@example.org", STANDARD)
    health = api.get(f"/api/customers/{unpaying}/health").json()
    assert (health["overall_score"], health["status"], health["coverage"]) == (
        74.07,
        "at_risk",
        0.75,
    )

    # At rest the list and the totals say the same as the details.
    listed = {customer: wait_until_fresh(api, customer) for customer in (paying, unpaying)}
    assert [item["overall_score"] for item in listed.values()] == [78.05, 74.07]
    stats = api.get("/api/dashboard/stats").json()
    assert stats["by_status"] == {"healthy": 1, "at_risk": 1, "critical": 0, "no_data": 0}
    assert stats["average_score"] == pytest.approx((78.05 + 74.07) / 2, abs=0.01)
    assert [item["id"] for item in stats["top_at_risk"]] == [unpaying]
