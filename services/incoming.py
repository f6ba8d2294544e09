"""An accepted event on its way to be stored: its id, its time, and its content."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import uuid6

from db.queries.events import EventRow, Key
from db.queries.projections import SubjectEvent
from services.errors import InvalidInput
from services.event_content import canonical_json, content_hash
from services.events import EventIn
from services.tally import Fact

AHEAD = timedelta(hours=24)
"""How far clocks of senders may run ahead."""

SUBJECTS = {"support_ticket": "ticket_id", "payment": "invoice_id"}
"""The property by which an event names what it speaks of."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event, ready to store; `stated_time` says whether the sender gave the timestamp."""

    row: EventRow
    data: Mapping[str, Any]
    stated_time: bool

    @property
    def key(self) -> Key:
        """Customer and event id."""
        return self.row.customer_id, self.row.event_id

    @property
    def fact(self) -> Fact:
        """As far as counting goes."""
        row = self.row
        return Fact(row.customer_id, row.event_type, row.occurred_at, self.data)

    @property
    def subject_event(self) -> SubjectEvent:
        """As far as its ticket or invoice goes."""
        return SubjectEvent(self.row.occurred_at, self.row.event_id, self.data)


def prepare(*, customer_id: int, event: EventIn, source: str, now: datetime) -> Incoming:
    """Give the event its id and time where the sender didn't.

    Raises:
        InvalidInput: the timestamp is more than 24 hours ahead of `now`.
    """
    if event.timestamp is not None and event.timestamp > now + AHEAD:
        raise InvalidInput("timestamp", "Input should be at most 24 hours ahead.")
    data = event.event_data.stated()
    event_id = event.event_id or str(uuid6.uuid7())
    data_json = canonical_json(data, ("event_data",))
    row = EventRow(
        customer_id=customer_id,
        event_id=event_id,
        event_type=event.event_type,
        occurred_at=event.timestamp or now,
        received_at=now,
        source=source,
        subject_id=_subject(event.event_type, data, event_id),
        data=data_json,
        content_hash=content_hash(event.event_type, data_json),
    )
    return Incoming(row, data, stated_time=event.timestamp is not None)


def _subject(event_type: str, data: Mapping[str, Any], event_id: str) -> str | None:
    if event_type not in SUBJECTS:
        return None
    named: str | None = data.get(SUBJECTS[event_type])
    return named or event_id
