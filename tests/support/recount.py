"""What counters, sightings, tickets and invoices must be, told from `event` alone.

Written from the specification, in plain Python, without the code under test.
"""

import json
import re
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

LOGIN, API_CALL, API_ERROR, FEATURE_USE, SESSION_SECONDS = 1, 2, 3, 4, 5
USER, ENDPOINT, EVENT_TYPE, FEATURE = 1, 2, 3, 4
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

Tables = dict[str, dict[Any, Any]]


def assert_agrees(session: Session) -> None:
    """Every projection equals a recount of `event` (of databases that erased nobody)."""
    session.rollback()
    stored, told = projected(session), recounted(session)
    for table in told:
        assert stored[table] == told[table], f"{table} differs from a recount of event"


def projected(session: Session) -> Tables:
    """What is stored, as {table: {key: values}}."""
    return {
        "daily_activity": _rows(session, "customer_id, day, signal, key", "n, last_at"),
        "late_activity": _rows(session, "customer_id, day, signal, key, received_day", "n"),
        "last_seen": _rows(session, "customer_id, kind, name", "first_at, last_at, on_time_at"),
        "connected_source": _rows(session, "signal", "first_day, known_day"),
        "support_ticket": _rows(
            session,
            "customer_id, ticket_id",
            "subject, priority, opened_at, resolved_at, satisfaction",
        ),
        "invoice": _rows(
            session, "customer_id, invoice_id", "amount, currency, status, due_date, paid_date"
        ),
        "late_ticket": _rows(
            session,
            "customer_id, ticket_id, received_day",
            "priority, opened_at, resolved_at, satisfaction",
        ),
        "late_invoice": _rows(
            session,
            "customer_id, invoice_id, received_day",
            "amount, currency, due_date, paid_date",
        ),
    }


def recounted(session: Session) -> Tables:
    """What should be stored, in the same form."""
    rows = session.connection().execute(
        text(
            "SELECT customer_id, event_id, event_type, occurred_at, received_at,"
            " data::text AS data FROM event"
        )
    )
    events = sorted(
        (
            (
                row.occurred_at.astimezone(UTC),
                row.event_id,
                row.customer_id,
                row.event_type,
                json.loads(row.data, parse_float=Decimal),
                row.received_at.astimezone(UTC).date(),
            )
            for row in rows
        ),
        key=lambda event: event[:2],
    )
    counts: dict[Any, list[Any]] = {}
    seen: dict[Any, list[Any]] = {}
    sources: dict[Any, list[date]] = {}
    subjects: dict[str, dict[Any, list[Any]]] = defaultdict(lambda: defaultdict(list))
    late: dict[Any, list[int]] = {}
    for when, event_id, customer, kind, data, received in events:  # oldest first
        for signal, key, n in _additions(kind, data):
            entry = counts.setdefault((customer, when.date(), signal, key), [0, when])
            entry[:] = [min(entry[0] + n, 2**63 - 1), when]
        if received > when.date():
            for signal, key, n in _additions(kind, data) or [(0, "", 1)]:
                late.setdefault((customer, when.date(), signal, key, received), [0])[0] += n
        for what, name in _sightings(kind, data):
            at = when if what == EVENT_TYPE else datetime.combine(when.date(), time.min, UTC)
            entry = seen.setdefault((customer, what, name), [at, at, None])
            entry[1] = at
            if what == EVENT_TYPE and received <= when.date() and entry[2] is None:
                entry[2] = at
        if kind != "payment":
            known = sources.setdefault((kind,), [when.date(), date.max])
            known[1] = min(known[1], max(when.date(), received))
        subject = {"support_ticket": "ticket_id", "payment": "invoice_id"}.get(kind)
        if subject:
            subjects[kind][customer, data.get(subject) or event_id].append((when, data, received))
    return {
        "daily_activity": {key: tuple(value) for key, value in counts.items()},
        "late_activity": {key: tuple(value) for key, value in late.items()},
        "last_seen": {key: tuple(value) for key, value in seen.items()},
        "connected_source": {key: tuple(value) for key, value in sources.items()},
        "support_ticket": {k: _ticket(v) for k, v in subjects["support_ticket"].items()},
        "invoice": {k: _invoice(v) for k, v in subjects["payment"].items()},
        "late_ticket": _late(subjects["support_ticket"], _ticket, _ticket_on, (1, 2, 3, 4)),
        "late_invoice": _late(subjects["payment"], _invoice, _invoice_on, (0, 1, 3, 4)),
    }


def _late(
    subjects: dict[Any, list[Any]], fold: Any, on_day: Any, kept: tuple[int, ...]
) -> dict[Any, Any]:
    """What was known of each before a day of receipt that changed what earlier days show."""
    found = {}
    for key, told in subjects.items():
        for day in {received for _, _, received in told}:
            before, after = (
                fold(part) if part else None
                for part in (
                    [event for event in told if event[2] < day],
                    [event for event in told if event[2] <= day],
                )
            )
            eve = day - timedelta(days=1)
            if on_day(before, eve) != on_day(after, eve):
                found[(*key, day)] = tuple(before[n] if before else None for n in kept)
    return found


def _ticket_on(row: Any, day: date) -> Any:
    """What a score and its explanation as of a day can see of a ticket."""
    if row is None or row[2].date() > day:
        return None
    _, priority, opened_at, resolved_at, satisfaction = row
    if resolved_at is not None and resolved_at.date() > day:
        return priority, opened_at, None, None
    return priority, opened_at, resolved_at, satisfaction


def _invoice_on(row: Any, day: date) -> Any:
    """The same of an invoice: it counts once it is paid and due, or past due."""
    if row is None:
        return None
    amount, currency, _, due_date, paid_date = row
    paid = paid_date if paid_date is not None and paid_date <= day else None
    counts = due_date <= day if paid else due_date < day
    return (amount, currency, due_date, paid) if counts else None


def _rows(session: Session, keys: str, values: str) -> dict[Any, Any]:
    table = {
        "customer_id, day, signal, key": "daily_activity",
        "customer_id, day, signal, key, received_day": "late_activity",
        "customer_id, ticket_id, received_day": "late_ticket",
        "customer_id, invoice_id, received_day": "late_invoice",
        "customer_id, kind, name": "last_seen",
        "signal": "connected_source",
        "customer_id, ticket_id": "support_ticket",
        "customer_id, invoice_id": "invoice",
    }[keys]
    width = keys.count(",") + 1
    found = session.connection().execute(text(f"SELECT {keys}, {values} FROM {table}"))
    return {tuple(row)[:width]: tuple(row)[width:] for row in found}


def _additions(kind: str, data: dict[str, Any]) -> list[tuple[int, str, int]]:
    n = data.get("count") or 1
    if kind == "login":
        seconds = data.get("session_seconds") or 0
        return [(LOGIN, "", 1)] + ([(SESSION_SECONDS, "", seconds)] if seconds else [])
    if kind == "api_call":
        failed = (data.get("status_code") or 0) >= 400
        return [(API_CALL, "", n)] + ([(API_ERROR, "", n)] if failed else [])
    return [(FEATURE_USE, data["feature_name"], n)] if kind == "feature_use" else []


def _sightings(kind: str, data: dict[str, Any]) -> list[tuple[int, str]]:
    found = [(EVENT_TYPE, kind)]
    if kind in ("login", "api_call", "feature_use") and data.get("user_id"):
        found.append((USER, data["user_id"]))
    if kind == "api_call":
        path = data["endpoint"].partition("#")[0].partition("?")[0]
        if "://" in path:
            path = "/" + path.split("/", 3)[3] if path.count("/") >= 3 else ""
        parts = []
        for part in path.split("/"):
            variable = re.fullmatch(rf"[0-9]+|{UUID}|[0-9a-fA-F]{{16,}}", part)
            parts.append("{id}" if variable else part)
        found.append((ENDPOINT, "/".join(parts)[:100] or "/"))
    if kind == "feature_use":
        found.append((FEATURE, data["feature_name"]))
    return found


def _ticket(told: list[Any]) -> tuple[Any, ...]:
    values: dict[str, Any] = {"subject": None, "priority": "medium", "satisfaction": None}
    resolved_at = None
    for when, data, _ in told:
        values.update({k: data[k] for k in values if data.get(k) is not None})
        if data.get("status") is not None:
            resolved_at = when if data["status"] == "resolved" else None
    opened_at = told[0][0]
    subject, priority, satisfaction = values.values()
    return subject, priority, opened_at, resolved_at, satisfaction


def _invoice(told: list[Any]) -> tuple[Any, ...]:
    named = False
    values: dict[str, Any] = {"amount": None, "currency": "USD", "status": "paid", "due_date": None}
    paid_explicitly = paid_day = first_unpaid = None
    for when, data, _ in told:
        values.update({k: data[k] for k in values if data.get(k) is not None})
        status = data.get("status")
        named = named or status is not None
        if status == "paid" or not named:
            paid_day = when.date()
            paid_explicitly = data.get("paid_date") or paid_explicitly
        elif status in ("pending", "failed"):
            first_unpaid = first_unpaid or when.date()
    paid_date = date.fromisoformat(paid_explicitly) if paid_explicitly else paid_day
    due_date = first_unpaid + timedelta(days=30) if first_unpaid else paid_date
    if values["due_date"]:
        due_date = date.fromisoformat(values["due_date"])
    amount = Decimal(values["amount"]).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    status = "paid" if paid_date else values["status"]
    return amount, values["currency"].upper(), status, due_date, paid_date
