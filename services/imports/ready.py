"""Events that are ready to store, and what many of them say alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any, NamedTuple

from db.queries.events import EventRow
from services import tally
from services.event_content import content_hash
from services.imports.moments import moment, text
from services.incoming import SUBJECTS, Incoming

SOURCE = "import"

_numbers = count()


@dataclass(slots=True)
class Content:
    """An event's type and data, and what follows from them."""

    event_type: str
    data: Mapping[str, Any]
    """What was stated, as JSON values."""
    data_json: str
    content_hash: bytes
    counted: tuple[tuple[int, str, int], ...]
    """(signal, key, n) of each counter that it adds to."""
    seen: tuple[tuple[int, str, bool], ...]
    """(kind, name, whether by day) of each user, endpoint … that it shows."""
    number: int = field(compare=False)
    """Whichever it is, no other content of this process has it."""


class Ready(NamedTuple):
    """One event; times are texts as `moments` makes them."""

    customer_id: int
    event_id: str
    occurred: str
    received: str
    content: Content

    @property
    def subject_id(self) -> str | None:
        """The ticket or invoice that it speaks of."""
        subject = SUBJECTS.get(self.content.event_type)
        return None if subject is None else self.content.data.get(subject) or self.event_id


def content(event_type: str, data: Mapping[str, Any], data_json: str) -> Content:
    """What events of this type say with these data."""
    return Content(
        event_type,
        data,
        data_json,
        content_hash(event_type, data_json),
        tuple(tally.counted(event_type, data)),
        tuple((*seen, tally.by_day(seen[0])) for seen in tally.seen(event_type, data, {})),
        next(_numbers),
    )


def ready(incoming: Incoming) -> Ready:
    """The same event, as an import stores it."""
    row = incoming.row
    said = content(row.event_type, incoming.data, row.data)
    return Ready(row.customer_id, row.event_id, text(row.occurred_at), text(row.received_at), said)


def incoming(event: Ready) -> Incoming:
    """The same event, as every other way of recording stores it."""
    said = event.content
    row = EventRow(
        event.customer_id,
        event.event_id,
        said.event_type,
        moment(event.occurred),
        moment(event.received),
        SOURCE,
        event.subject_id,
        said.data_json,
        said.content_hash,
    )
    return Incoming(row, date.fromisoformat(event.occurred[:10]), said.data, True)
