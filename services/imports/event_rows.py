"""Rows of events, invoices and tickets, told as events: JSON values, not judged yet."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from services.event_fields import EARLIEST, Timestamp
from services.imports import cells
from services.imports.csv_file import Row
from services.imports.kinds import PROPERTY_PREFIX, REFERENCES, Kind, numbers
from services.imports.mapping import Mapping
from services.imports.reasons import RowRejected
from services.json_input import JsonError, parse_json
from services.projections import PAYMENT_TERM

_EARLIEST = EARLIEST.date().isoformat()
_NEVER = "9999-12-31"
_TIMESTAMP: TypeAdapter[datetime] = TypeAdapter(Timestamp)

Values = dict[str, str]
"""Field → cell, of the cells that aren't empty."""

Data = dict[str, Any]
"""Property → JSON value."""


class Reference(NamedTuple):
    """How a row names its customer: `by` is customer_id, external_id or email."""

    by: str
    value: str


class Told(NamedTuple):
    """An event as a row tells it."""

    event_type: str
    timestamp: str
    event_id: str | None
    data: Any
    received_at: str | None


class EventRows:
    """Reads rows of one kind under one mapping."""

    def __init__(self, kind: Kind, mapping: Mapping, columns: Sequence[str]) -> None:
        self.kind = kind
        self.width = len(columns)
        places = {field: columns.index(column) for field, column in mapping.items() if column}
        properties = places.keys() - _ENVELOPE if kind == "events" else set()
        self.places = {name: place for name, place in places.items() if name not in properties}
        self.properties = [
            (field.removeprefix(PROPERTY_PREFIX), field in numbers(), places[field])
            for field in properties
        ]
        self._tell, self.names = _TELLERS[kind]

    def read(self, row: Row) -> tuple[Reference, list[Told]]:
        """Whom the row is about and which events it tells, at least one.

        Raises:
            RowRejected: with the reason.
        """
        if len(row) != self.width:
            raise RowRejected(f"The row has {len(row)} cells, the header {self.width}.")
        values = {field: row[place] for field, place in self.places.items() if row[place]}
        return _reference(values), self._tell(values, self._data(row))

    def content(self, row: Row) -> tuple[str, Any]:
        """The type and the data of the event that a row of the kind events tells.

        Raises:
            RowRejected: with the reason.
        """
        data: Any = self._data(row)
        place = self.places.get("event_data")
        if place is not None and row[place]:
            data = _with_json(row[place], data)
        return row[self.places["event_type"]].strip(), data

    def _data(self, row: Row) -> Data:
        return {
            name: cells.number(row[place]) if is_number else row[place]
            for name, is_number, place in self.properties
            if row[place]
        }


def _reference(values: Values) -> Reference:
    for name in REFERENCES:
        if name in values:
            return Reference(name, values[name])
    raise RowRejected("The row names no customer.")


def _tell_event(values: Values, properties: Data) -> list[Told]:
    data: Any = properties
    if "event_data" in values:
        data = _with_json(values["event_data"], properties)
    return [
        Told(
            values.get("event_type", "").strip(),
            _need(values, "timestamp"),
            values.get("event_id"),
            data,
            values.get("received_at"),
        )
    ]


def _with_json(cell: str, properties: Data) -> Any:
    """A JSON object and, on top of it, what columns of their own tell."""
    try:
        data = parse_json(cell.encode())
    except JsonError as error:
        raise RowRejected(f"event_data: {error}") from None
    return {**data, **properties} if isinstance(data, dict) else data


def _tell_invoice(values: Values, data: Data) -> list[Told]:
    data |= {name: values[name].strip() for name in _INVOICE if name in values}
    data["invoice_id"] = _need(values, "invoice_id")
    data["amount"] = cells.number(_need(values, "amount"))
    data.setdefault("status", "paid" if "paid_date" in data else "pending")
    issued_at, received = values.get("issued_at"), values.get("received_at")
    if data["status"] != "paid" or "paid_date" not in data:
        return [Told("payment", _issued(data, issued_at), None, data, received)]
    paid = Told("payment", cells.start(data["paid_date"]), None, data, received)
    if not data.get("due_date", _NEVER) < data["paid_date"]:
        return [paid]
    # Overdue until it was paid: whoever asks what was known then has to hear of it before.
    unpaid = {name: value for name, value in data.items() if name != "paid_date"}
    unpaid["status"] = "pending"
    issued = _issued(unpaid, issued_at)
    if not _EARLIEST <= issued < paid.timestamp:
        return [paid]
    return [Told("payment", issued, None, unpaid, received), paid]


def _issued(data: Data, issued_at: str | None) -> str:
    """Any news but a payment happens when the invoice is issued."""
    if issued_at is not None:
        return cells.start(issued_at)
    if data["status"] == "paid" or "due_date" not in data:
        raise RowRejected("issued_at: Needed where neither paid_date nor due_date tells when.")
    due: str = data["due_date"]
    try:
        return cells.start((date.fromisoformat(due) - PAYMENT_TERM).isoformat())
    except (ValueError, OverflowError):
        return due


def _tell_ticket(values: Values, data: Data) -> list[Told]:
    """Opened and, where it is, resolved; the later event repeats what the row says."""
    data |= {name: values[name] for name in _TICKET if name in values}
    data["ticket_id"] = _need(values, "ticket_id")
    opened, received = _need(values, "opened_at"), values.get("received_at")
    judged = dict(data)
    if "satisfaction" in values:
        judged["satisfaction"] = cells.number(values["satisfaction"])
    if "resolved_at" not in values:
        return [Told("support_ticket", opened, None, {**judged, "status": "open"}, received)]
    resolved = values["resolved_at"]
    if moment("resolved_at", resolved) < moment("opened_at", opened):
        raise RowRejected("resolved_at: Must not be before opened_at.")
    return [
        Told("support_ticket", opened, None, {**data, "status": "open"}, received),
        Told("support_ticket", resolved, None, {**judged, "status": "resolved"}, received),
    ]


def moment(field: str, cell: str) -> datetime:
    """The time that a cell tells.

    Raises:
        RowRejected: none that events may have.
    """
    try:
        return _TIMESTAMP.validate_python(cells.moment(cell))
    except ValidationError as error:
        raise RowRejected(f"{field}: {error.errors()[0]['msg']}") from None


def _need(values: Values, field: str) -> str:
    if field not in values:
        raise RowRejected(f"{field}: Needed, but empty.")
    return values[field]


_ENVELOPE = frozenset(
    {*REFERENCES, "event_type", "timestamp", "event_id", "event_data", "received_at"}
)
_INVOICE = ("currency", "due_date", "paid_date", "status")
_TICKET = ("subject", "priority")
_TELLERS: dict[str, tuple[Callable[[Values, Data], list[Told]], dict[str, str]]] = {
    "events": (_tell_event, {}),
    "invoices": (_tell_invoice, {"timestamp": "issued_at"}),
    "tickets": (_tell_ticket, {"timestamp": "opened_at"}),
}
"""What tells a kind's events, and what the kind calls their fields."""
