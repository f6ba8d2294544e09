"""Stored events, tickets and invoices as rows of a table. Cells are text, never Markdown."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import streamlit as st

from services.views import EventItem, InvoiceItem, TicketItem
from settings import get_settings
from ui import format as as_text
from ui.event_words import event_type_word

_text, _time = st.column_config.TextColumn, st.column_config.DatetimeColumn
_day, _number = st.column_config.DateColumn, st.column_config.NumberColumn

_TIME, _DAY = "D MMM YYYY, HH:mm", "D MMM YYYY"

EVENTS: Mapping[str, Any] = MappingProxyType(
    {
        "when": _time("When (UTC)", format=_TIME, timezone="UTC", width=150),
        "type": _text("Event", width=120),
        "data": _text("Data", width="large"),
        "received": _time("Received (UTC)", format=_TIME, timezone="UTC", width=150),
        "id": _text("Event id", width=150),
    }
)
TICKETS: Mapping[str, Any] = MappingProxyType(
    {
        "opened": _time("Opened (UTC)", format=_TIME, timezone="UTC", width=150),
        "status": _text("Status", width=90),
        "priority": _text("Priority", width=90),
        "subject": _text("Subject", width="large"),
        "resolved": _time("Resolved (UTC)", format=_TIME, timezone="UTC", width=150),
        "satisfaction": _number("Satisfaction (1–5)", width=130),
        "id": _text("Ticket", width=120),
    }
)
INVOICES: Mapping[str, Any] = MappingProxyType(
    {
        "due": _day("Due", format=_DAY, width=110),
        "status": _text("Status", width=190),
        "amount": _text("Amount", width=130, alignment="right"),
        "paid": _day("Paid", format=_DAY, width=110),
        "days_late": _number("Days late", width=90),
        "id": _text("Invoice", width=160),
    }
)


def event(item: EventItem) -> dict[str, Any]:
    """One event: when, what, and its data as "name: value" pairs, or why it is gone."""
    if item.event_data is None:
        data = _gone(get_settings().retention_days)
    else:
        data = ", ".join(f"{name}: {_value(value)}" for name, value in item.event_data.items())
    return {
        "when": item.occurred_at,
        "type": event_type_word(item.event_type),
        "data": data,
        "received": item.received_at,
        "id": item.event_id,
    }


def ticket(item: TicketItem) -> dict[str, Any]:
    """One ticket."""
    return {
        "opened": item.opened_at,
        "status": item.status.capitalize(),
        "priority": item.priority.capitalize(),
        "subject": item.subject or "",
        "resolved": item.resolved_at,
        "satisfaction": item.satisfaction,
        "id": item.ticket_id,
    }


def invoice(item: InvoiceItem) -> dict[str, Any]:
    """One invoice; an unpaid one says so, and since when it is overdue."""
    return {
        "due": item.due_date,
        "status": invoice_status(item),
        "amount": f"{_amount(item.amount)} {item.currency}",
        "paid": item.paid_date,
        "days_late": item.days_late,
        "id": item.invoice_id,
    }


def invoice_status(item: InvoiceItem) -> str:
    """ "Paid", "Paid 12 days late", "Pending", "Failed, 3 days overdue"."""
    if not item.days_late:
        return item.status.capitalize()
    late = as_text.plural(item.days_late, "day")
    return f"Paid {late} late" if item.paid_date else f"{item.status.capitalize()}, {late} overdue"


def _gone(days: int | None) -> str:
    return "Removed" if days is None else f"Removed after {days} days"


def _amount(value: Decimal) -> str:
    return f"{value:,.2f}"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
