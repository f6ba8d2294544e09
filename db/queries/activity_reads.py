"""What a customer did: events, tickets, invoices and whole weeks of counters."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from db.tables import Signal


def events(
    session: Session,
    *,
    customer_id: int,
    event_type: str | None,
    start: datetime | None,
    end: datetime | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Events with start ≤ occurred_at < end, newest first, behind `after`."""
    conditions = ["customer_id = :customer_id"]
    if event_type is not None:
        conditions.append("event_type = :event_type")
    if start is not None:
        conditions.append("occurred_at >= :start")
    if end is not None:
        conditions.append("occurred_at < :end")
    if after is not None:
        conditions.append("(occurred_at, event_id) < (:after_key, :after_id)")
    statement = text(
        "SELECT event_id, event_type, occurred_at, received_at, data AS event_data FROM event"  # noqa: S608
        f" WHERE {' AND '.join(conditions)} ORDER BY occurred_at DESC, event_id DESC LIMIT :limit"
    )
    values = {
        "customer_id": customer_id,
        "event_type": event_type,
        "start": start,
        "end": end,
        **_after(after),
        "limit": limit,
    }
    return session.connection().execute(statement, values).all()


def tickets(
    session: Session, *, customer_id: int, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """A customer's tickets, newest first, behind `after`."""
    behind = "" if after is None else " AND (opened_at, ticket_id) < (:after_key, :after_id)"
    statement = text(
        "SELECT ticket_id, subject, priority, opened_at, resolved_at, satisfaction,"  # noqa: S608
        " CASE WHEN resolved_at IS NULL THEN 'open' ELSE 'resolved' END AS status"
        f" FROM support_ticket WHERE customer_id = :customer_id{behind}"
        " ORDER BY opened_at DESC, ticket_id DESC LIMIT :limit"
    )
    values = {"customer_id": customer_id, "limit": limit, **_after(after)}
    return session.connection().execute(statement, values).all()


def invoices(
    session: Session, *, customer_id: int, today: date, after: tuple[date, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """A customer's invoices, last due first, behind `after`; days late as of today."""
    behind = "" if after is None else " AND (due_date, invoice_id) < (:after_key, :after_id)"
    statement = text(
        "SELECT invoice_id, amount, currency, due_date, paid_date, status,"  # noqa: S608
        " greatest(0, coalesce(paid_date, CAST(:today AS date)) - due_date) AS days_late"
        f" FROM invoice WHERE customer_id = :customer_id{behind}"
        " ORDER BY due_date DESC, invoice_id DESC LIMIT :limit"
    )
    values = {"customer_id": customer_id, "today": today, "limit": limit, **_after(after)}
    return session.connection().execute(statement, values).all()


def weeks(session: Session, *, customer_id: int, start: date, end: date) -> Sequence[Row[Any]]:
    """Counters summed by week (its Monday), where the customer did anything."""
    statement = text(
        "SELECT CAST(date_trunc('week', day) AS date) AS week,"
        " coalesce(sum(n) FILTER (WHERE signal = :login), 0) AS logins,"
        " coalesce(sum(n) FILTER (WHERE signal = :api_call), 0) AS api_calls,"
        " coalesce(sum(n) FILTER (WHERE signal = :api_error), 0) AS api_errors,"
        " coalesce(sum(n) FILTER (WHERE signal = :feature_use), 0) AS feature_uses"
        " FROM daily_activity WHERE customer_id = :customer_id AND day BETWEEN :start AND :end"
        " GROUP BY 1 ORDER BY 1"
    )
    values = {
        "customer_id": customer_id,
        "start": start,
        "end": end,
        "login": Signal.LOGIN,
        "api_call": Signal.API_CALL,
        "api_error": Signal.API_ERROR,
        "feature_use": Signal.FEATURE_USE,
    }
    return session.connection().execute(statement, values).all()


def _after(after: tuple[Any, str] | None) -> dict[str, Any]:
    return {} if after is None else {"after_key": after[0], "after_id": after[1]}
