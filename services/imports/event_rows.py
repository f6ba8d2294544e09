"""Rows of events, invoices and tickets as events: the schemas' verdict on every one."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from services.event_content import canonical_json
from services.event_fields import Timestamp
from services.events import EVENT_ADAPTER, EventIn
from services.imports import cells
from services.imports.csv_file import Row
from services.imports.kinds import PROPERTY_PREFIX, REFERENCES, Kind, numbers
from services.imports.mapping import Mapping
from services.imports.reasons import RowRejected, explain
from services.json_input import JsonError, parse_json
from services.projections import PAYMENT_TERM

_TIMESTAMP: TypeAdapter[datetime] = TypeAdapter(Timestamp)

Values = dict[str, str]
"""Field → cell, of the cells that aren't empty."""


class Reference(NamedTuple):
    """How a row names its customer: `by` is customer_id, external_id or email."""

    by: str
    value: str


class Draft(NamedTuple):
    """An event that a row tells, not stored yet."""

    reference: Reference
    event: EventIn
    received_at: datetime


class EventRows:
    """Reads rows of one kind under one mapping."""

    def __init__(self, kind: Kind, mapping: Mapping, columns: Sequence[str]) -> None:
        self._width = len(columns)
        self._places = [
            (field, columns.index(column)) for field, column in mapping.items() if column
        ]
        self._tell, self.names = _TELLERS[kind]

    def drafts(self, row: Row) -> list[Draft]:
        """The events that the row tells, at least one.

        Raises:
            RowRejected: with the reason.
        """
        if len(row) != self._width:
            raise RowRejected(f"The row has {len(row)} cells, the header {self._width}.")
        values = {field: row[place] for field, place in self._places if row[place]}
        reference = _reference(values)
        try:
            events = [_event(envelope) for envelope in self._tell(values)]
            received = values.get("received_at")
            at = None if received is None else _moment("received_at", received)
        except ValidationError as error:
            raise RowRejected(explain(error, self.names)) from None
        return [Draft(reference, event, at or _happened(event)) for event in events]


def _reference(values: Values) -> Reference:
    for name in REFERENCES:
        if name in values:
            return Reference(name, values[name])
    raise RowRejected("The row names no customer.")


def _event(envelope: dict[str, Any]) -> EventIn:
    """The event; without an id it gets one that is the same for the same content."""
    event = EVENT_ADAPTER.validate_python(envelope)
    if event.event_id is not None:
        return event
    data = canonical_json(event.event_data.stated())
    return event.model_copy(update={"event_id": row_id(event.event_type, _happened(event), data)})


def row_id(event_type: str, occurred_at: datetime, data_json: str) -> str:
    """The id of a row that brings none: the same content, the same id."""
    content = f"{event_type}\n{occurred_at.isoformat()}\n{data_json}"
    return "row-" + hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def _happened(event: EventIn) -> datetime:
    assert event.timestamp is not None, "every row tells when"  # noqa: S101
    return event.timestamp


def _tell_event(values: Values) -> list[dict[str, Any]]:
    envelope: dict[str, Any] = {
        "event_type": values.get("event_type", "").strip(),
        "timestamp": cells.moment(_need(values, "timestamp")),
        "event_data": _data(values),
    }
    if "event_id" in values:
        envelope["event_id"] = values["event_id"]
    return [envelope]


def _data(values: Values) -> Any:
    data: Any = {}
    if "event_data" in values:
        try:
            data = parse_json(values["event_data"].encode("utf-8", "surrogatepass"))
        except JsonError as error:
            raise RowRejected(f"event_data: {error}") from None
    stated = {
        field.removeprefix(PROPERTY_PREFIX): cells.number(cell) if field in numbers() else cell
        for field, cell in values.items()
        if field not in _ENVELOPE
    }
    return {**data, **stated} if isinstance(data, dict) else data


def _tell_invoice(values: Values) -> list[dict[str, Any]]:
    data: dict[str, Any] = {name: values[name] for name in _INVOICE_TEXTS if name in values}
    data["invoice_id"] = _need(values, "invoice_id")
    data["amount"] = cells.number(_need(values, "amount"))
    data.setdefault("status", "paid" if "paid_date" in data else "pending")
    for name in ("paid_date", "due_date"):
        if name in data:
            data[name] = data[name].strip()
    return [{"event_type": "payment", "timestamp": _invoice_time(values, data), "event_data": data}]


def _invoice_time(values: Values, data: dict[str, Any]) -> str:
    """A payment happens when it is paid, any other news when the invoice is issued."""
    if data["status"] == "paid" and "paid_date" in data:
        return cells.start(data["paid_date"])
    if "issued_at" in values:
        return cells.start(values["issued_at"])
    if data["status"] == "paid" or "due_date" not in data:
        raise RowRejected("issued_at: Needed, since neither paid_date nor due_date tells when.")
    due: str = data["due_date"]
    try:
        return cells.start((date.fromisoformat(due) - PAYMENT_TERM).isoformat())
    except (ValueError, OverflowError):
        return due


def _tell_ticket(values: Values) -> list[dict[str, Any]]:
    data: dict[str, Any] = {name: values[name] for name in _TICKET_TEXTS if name in values}
    data["ticket_id"] = _need(values, "ticket_id")
    opened = cells.moment(_need(values, "opened_at"))
    judged = (
        {"satisfaction": cells.number(values["satisfaction"])} if "satisfaction" in values else {}
    )
    if "resolved_at" not in values:
        return [_ticket_event(opened, {**data, **judged, "status": "open"})]
    resolved = cells.moment(values["resolved_at"])
    if _moment("resolved_at", resolved) < _moment("opened_at", opened):
        raise RowRejected("resolved_at: Must not be before opened_at.")
    return [
        _ticket_event(opened, {**data, "status": "open"}),
        _ticket_event(resolved, {**data, **judged, "status": "resolved"}),
    ]


def _ticket_event(timestamp: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"event_type": "support_ticket", "timestamp": timestamp, "event_data": data}


def _need(values: Values, field: str) -> str:
    if field not in values:
        raise RowRejected(f"{field}: Needed, but empty.")
    return values[field]


def _moment(field: str, cell: str) -> datetime:
    try:
        return _TIMESTAMP.validate_python(cells.moment(cell))
    except ValidationError as error:
        raise RowRejected(f"{field}: {error.errors()[0]['msg']}") from None


_ENVELOPE = frozenset(
    {*REFERENCES, "event_type", "timestamp", "event_id", "event_data", "received_at"}
)
_INVOICE_TEXTS = ("currency", "due_date", "paid_date", "status")
_TICKET_TEXTS = ("subject", "priority")
_TELLERS: dict[str, tuple[Callable[[Values], list[dict[str, Any]]], dict[str, str]]] = {
    "events": (_tell_event, {}),
    "invoices": (_tell_invoice, {"timestamp": "issued_at"}),
    "tickets": (_tell_ticket, {"timestamp": "opened_at"}),
}
