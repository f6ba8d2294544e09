"""What people call the kinds of event and their fields."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

_TYPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "login": ("Login", ":material/login:"),
        "api_call": ("API call", ":material/api:"),
        "feature_use": ("Feature use", ":material/widgets:"),
        "payment": ("Payment", ":material/payments:"),
        "support_ticket": ("Support ticket", ":material/support_agent:"),
    }
)


class FieldWords(NamedTuple):
    """How a field is named in the form."""

    label: str
    help: str | None = None


_FIELDS: Mapping[str, FieldWords] = MappingProxyType(
    {
        "timestamp": FieldWords("When"),
        "user_id": FieldWords("User"),
        "ip_address": FieldWords("IP address"),
        "session_seconds": FieldWords("Session length in seconds"),
        "endpoint": FieldWords("Endpoint", "The path that was called, such as /v1/orders."),
        "method": FieldWords("Method"),
        "status_code": FieldWords("Status code", "400 and above count as an error."),
        "response_time": FieldWords("Response time in ms"),
        "count": FieldWords("How many", "For several at once; one when left empty."),
        "feature_name": FieldWords("Feature"),
        "amount": FieldWords("Amount"),
        "invoice_id": FieldWords("Invoice", "Names an invoice to update; empty starts a new one."),
        "due_date": FieldWords("Due date"),
        "paid_date": FieldWords("Paid on", "The day of the event when left empty."),
        "currency": FieldWords("Currency", "Three letters; USD when left empty."),
        "ticket_id": FieldWords("Ticket", "Names a ticket to update; empty starts a new one."),
        "subject": FieldWords("Subject"),
        "satisfaction": FieldWords("Satisfaction, 1 to 5"),
        "status": FieldWords("Status"),
        "priority": FieldWords("Priority"),
    }
)


def event_type_word(event_type: str) -> str:
    """ "API call" for api_call."""
    return _TYPES[event_type][0] if event_type in _TYPES else _spoken(event_type)


def event_type_label(event_type: str) -> str:
    """The same with its icon, as Markdown."""
    word = event_type_word(event_type)
    return f"{_TYPES[event_type][1]} {word}" if event_type in _TYPES else word


def field_words(name: str) -> FieldWords:
    """The words of a field; a new one is named after its property."""
    return _FIELDS.get(name) or FieldWords(_spoken(name))


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()
