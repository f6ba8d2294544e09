"""The schemas' verdict on what a row tells."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from services.errors import InvalidInput
from services.events import EVENT_ADAPTER, EventIn
from services.imports import cells
from services.imports.event_rows import Told, moment
from services.imports.moments import text
from services.imports.ready import SOURCE, Ready, ready
from services.imports.reasons import RowRejected, explain
from services.incoming import AHEAD, prepare, stated


def judge(told: Told, *, customer_id: int, now: datetime, names: Mapping[str, str]) -> Ready:
    """The event, ready to store; `names` are the fields that the kind calls differently.

    Raises:
        RowRejected: with the schema's reason.
    """
    received = None if told.received_at is None else moment("received_at", told.received_at)
    try:
        event = _event(told)
        happened = event.timestamp or now
        incoming = prepare(
            customer_id=customer_id,
            event=stated(event),
            source=SOURCE,
            now=now,
            received=received or min(happened, now),
        )
    except (ValidationError, InvalidInput) as error:
        raise RowRejected(explain(error, names)) from None
    if received is not None:
        _check_received(received, happened, now, names.get("timestamp", "timestamp"))
    return ready(incoming)


def _check_received(received: datetime, happened: datetime, now: datetime, name: str) -> None:
    """What holds of every event: clocks of senders run ahead 24 hours at most."""
    if received > now:
        raise RowRejected("received_at: Must not be in the future.")
    if happened > received + AHEAD:
        raise RowRejected(f"received_at: Must not be more than 24 hours before {name}.")


def row_id(event_type: str, occurred_at: str, data_json: str) -> str:
    """The id of an event that brings none: the same content, the same id."""
    content = f"{event_type}\n{occurred_at}+00:00\n{data_json}"
    return "row-" + hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def _event(told: Told) -> EventIn:
    envelope: dict[str, Any] = {
        "event_type": told.event_type,
        "timestamp": cells.moment(told.timestamp),
        "event_data": told.data,
    }
    if told.event_id is not None:
        return EVENT_ADAPTER.validate_python({**envelope, "event_id": told.event_id})
    event = EVENT_ADAPTER.validate_python(envelope)
    assert event.timestamp is not None, "every row tells when"  # noqa: S101
    data_json = event.content(event.event_data.stated())
    event_id = row_id(event.event_type, text(event.timestamp), data_json)
    return EVENT_ADAPTER.validate_python({**envelope, "event_id": event_id})
