"""What can be imported, and the fields that a file's columns can be mapped to."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from services.events import DATA_MODELS

Kind = Literal["customers", "events", "invoices", "tickets"]
KINDS: tuple[Kind, ...] = get_args(Kind)

PROPERTY_PREFIX = "event_data."
"""A field `event_data.plan` keeps its column as the unknown property `plan`, as text."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a row can say; `name` is what mappings use."""

    name: str
    label: str
    required: bool
    description: str
    example: str


_REFERENCE = (
    Field("customer_id", "Customer id", False, "The customer, by the product's own id.", "17"),
    Field("external_id", "External id", False, "The customer, by your own id.", "crm-4711"),
    Field("email", "Email", False, "The customer, by its email address.", "it@northwind.example"),
)
REFERENCES = tuple(field.name for field in _REFERENCE)
"""One of them has to be mapped; a row is found by the first that it fills."""

_CUSTOMERS = (
    Field("external_id", "External id", False, "Your own id; finds the customer.", "crm-4711"),
    Field("email", "Email", True, "Finds the customer without external id.", "it@a.example"),
    Field("name", "Name", True, "The company's name.", "Northwind Traders"),
    Field("segment", "Segment", True, "One of the scoring model's segments.", "smb"),
    Field("owner", "Owner", False, "The customer-success manager.", "Ada Miller"),
    Field("arr", "ARR", False, "Annual recurring revenue.", "24000"),
    Field("renewal_date", "Renewal date", False, "A day.", "2027-03-31"),
    Field("created_at", "Created", False, "Default: now.", "2024-03-01T00:00:00Z"),
    Field("churned_at", "Churned", False, "When the customer left.", "2026-05-04T00:00:00Z"),
)
_RECEIVED = Field(
    "received_at",
    "Received",
    False,
    "When it came in, for scores as known then; default: when it happened.",
    "2026-05-04T09:30:02Z",
)
_EVENTS = (
    *_REFERENCE,
    Field("event_type", "Event type", True, "Which of the five types.", "login"),
    Field("timestamp", "Timestamp", True, "When it happened.", "2026-05-04T09:30:00Z"),
    Field("event_id", "Event id", False, "Default: made from the row's content.", "evt-1"),
    Field("event_data", "Event data", False, "A JSON object.", '{"user_id": "ada"}'),
    _RECEIVED,
)
_INVOICES = (
    *_REFERENCE,
    Field("invoice_id", "Invoice id", True, "The invoice's number.", "INV-7"),
    Field("amount", "Amount", True, "More than 0.", "499.00"),
    Field("currency", "Currency", False, "Three letters; default USD.", "EUR"),
    Field("due_date", "Due date", False, "A day.", "2026-05-10"),
    Field("paid_date", "Paid date", False, "A day; empty while unpaid.", "2026-05-12"),
    Field("status", "Status", False, "Default: paid with a paid date, else pending.", "pending"),
    Field("issued_at", "Issued", False, "Default: 30 days before it is due.", "2026-04-10"),
    _RECEIVED,
)
_TICKETS = (
    *_REFERENCE,
    Field("ticket_id", "Ticket id", True, "The ticket's number.", "T-9"),
    Field("opened_at", "Opened", True, "When it was opened.", "2026-05-04T09:30:00Z"),
    Field("resolved_at", "Resolved", False, "Empty while open.", "2026-05-05T11:00:00Z"),
    Field("subject", "Subject", False, "What it is about.", "Export fails"),
    Field("priority", "Priority", False, "low, medium, high or urgent.", "high"),
    Field("satisfaction", "Satisfaction", False, "1 to 5.", "4"),
    _RECEIVED,
)


@cache
def fields(kind: Kind) -> tuple[Field, ...]:
    """What a file of this kind can hold, the most important first."""
    if kind == "events":
        return _EVENTS + tuple(_property(name, types) for name, types in properties().items())
    return {"customers": _CUSTOMERS, "invoices": _INVOICES, "tickets": _TICKETS}[kind]


@cache
def properties() -> dict[str, tuple[str, ...]]:
    """The known properties of events, each with the event types that have it."""
    found: dict[str, tuple[str, ...]] = {}
    for event_type, model in DATA_MODELS.items():
        for name in model.model_fields:
            found[name] = (*found.get(name, ()), event_type)
    return found


@cache
def numbers() -> frozenset[str]:
    """The properties whose values are numbers; every other one is text."""
    return frozenset(
        name
        for model in DATA_MODELS.values()
        for name, schema in model.model_json_schema()["properties"].items()
        if {"integer", "number"} & _types(schema)
    )


def _types(schema: dict[str, Any]) -> set[str]:
    options = schema.get("anyOf", [schema])
    return {option["type"] for option in options if "type" in option}


def _property(name: str, types: tuple[str, ...]) -> Field:
    label = name.replace("_", " ").capitalize()
    example = "3" if name in numbers() else ""
    return Field(name, label, False, f"Property of {', '.join(types)} events.", example)
