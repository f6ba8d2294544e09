"""An accepted event on its way to be stored: its id, its time, and its content."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import uuid6

from db.queries.events import EventRow, Key
from db.queries.projections import SubjectEvent
from services.clock import utc_day
from services.errors import InvalidInput
from services.event_content import content_hash
from services.events import EventIn

AHEAD = timedelta(hours=24)
"""How far clocks of senders may run ahead."""

SUBJECTS = {"support_ticket": "ticket_id", "payment": "invoice_id"}
"""The property by which an event names what it speaks of."""


class Incoming(NamedTuple):
    """One event, ready to store; `stated_time` says whether the sender gave the timestamp."""

    row: EventRow
    day: date
    """The UTC day on which it happened."""
    data: Mapping[str, Any]
    """What was stated, as JSON values."""
    stated_time: bool

    @property
    def key(self) -> Key:
        """Customer and event id."""
        return self.row.customer_id, self.row.event_id

    @property
    def subject_event(self) -> SubjectEvent:
        """As far as its ticket or invoice goes."""
        row = self.row
        return SubjectEvent(row.occurred_at, row.event_id, self.data, row.received_at)


class Stated(NamedTuple):
    """A valid event as its sender stated it."""

    event_type: str
    event_id: str | None
    timestamp: datetime | None
    data: Mapping[str, Any]
    """As JSON values."""
    data_json: str
    """Their canonical text."""


def stated(event: EventIn) -> Stated:
    """What a validated event states."""
    data = event.event_data.stated()
    return Stated(event.event_type, event.event_id, event.timestamp, data, event.content(data))


def prepare(
    *,
    customer_id: int,
    event: Stated,
    source: str,
    now: datetime,
    received: datetime | None = None,
) -> Incoming:
    """Give the event its id and time where the sender didn't; received now, if not said.

    Raises:
        InvalidInput: the timestamp is more than 24 hours ahead of `now`.
    """
    if event.timestamp is not None and event.timestamp > now + AHEAD:
        raise InvalidInput("timestamp", "Input should be at most 24 hours ahead.")
    return incoming(customer_id, event, source, received or now)


def incoming(customer_id: int, event: Stated, source: str, received: datetime) -> Incoming:
    """The event, ready to store, whatever its time."""
    kind, event_id, timestamp, data, data_json = event
    if event_id is None:
        event_id = str(uuid6.uuid7())
    occurred_at = received if timestamp is None else timestamp
    row = EventRow(
        customer_id,
        event_id,
        kind,
        occurred_at,
        received,
        source,
        data.get(SUBJECTS[kind]) or event_id if kind in SUBJECTS else None,
        data_json,
        content_hash(kind, data_json),
    )
    return Incoming(row, utc_day(occurred_at), data, timestamp is not None)
