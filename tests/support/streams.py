"""Random but plausible streams of events that collide: few customers, ids, days and names."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)

Item = tuple[int, dict[str, Any]]
"""(customer_id, event as a client sends it)"""


def stream(seed: int, *, customers: list[int], length: int) -> list[Item]:
    """Events with ids and timestamps, about half of them at times that others share too."""
    chance = random.Random(seed)
    return [(chance.choice(customers), _event(chance, f"e{number}")) for number in range(length)]


def _event(chance: random.Random, event_id: str) -> dict[str, Any]:
    kind = chance.choice(["login", "api_call", "feature_use", "payment", "support_ticket"])
    moment = NOW - timedelta(days=chance.randrange(60), hours=chance.choice([0, 0, 5, 13]))
    offset = chance.choice(["Z", "+02:00", "-07:00"])
    return {
        "event_type": kind,
        "event_data": _some(chance, kind),
        "timestamp": moment.replace(tzinfo=None).isoformat() + offset,
        "event_id": event_id,
    }


def _some(chance: random.Random, kind: str) -> dict[str, Any]:
    """The required properties, and each of the optional ones half the time."""
    user = {"user_id": chance.choice(["ada", "bob", "zoë", None])}
    required: dict[str, Any] = {}
    optional: dict[str, Any] = {}
    if kind == "login":
        optional = {**user, "session_seconds": chance.choice([0, 60, 604_800, 90.0])}
    elif kind == "api_call":
        paths = ["/v1/orders/17?page=2", "/v1/orders", "https://x.example/v1/a", "?"]
        required = {"endpoint": chance.choice(paths)}
        codes = [200, 399, 400, 503]
        optional = {**user, "status_code": chance.choice(codes), "count": chance.choice([1, 7])}
    elif kind == "feature_use":
        required = {"feature_name": chance.choice(["reports", "exports", 'naïve \\ "x"'])}
        optional = {**user, "count": chance.choice([1, 10**9])}
    elif kind == "payment":
        required = {"amount": chance.choice([10, 99.99, 0.00015, 1e12, 999_999_999_999.5])}
        optional = {
            "invoice_id": chance.choice(["I1", "I2", None]),
            "due_date": chance.choice(["2026-05-01", "2026-07-01"]),
            "paid_date": chance.choice(["2026-05-03", "2026-06-10"]),
            "currency": chance.choice(["EUR", "usd"]),
            "status": chance.choice(["paid", "pending", "failed"]),
        }
    else:
        optional = {
            "ticket_id": chance.choice(["T1", "T2", "e3"]),
            "subject": chance.choice(["Export", ""]),
            "priority": chance.choice(["low", "medium", "high", "urgent"]),
            "status": chance.choice(["open", "resolved"]),
            "satisfaction": chance.choice([1, 5]),
        }
    chosen = {name: value for name, value in optional.items() if chance.random() < 0.5}
    return {**required, **chosen, "note": {"random": chance.randrange(10)}}
