"""Recording events as the API does: validated, and one transaction a call."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from db.queries import queue
from db.session import write
from services.events import EVENT_ADAPTER
from services.ingest import Verdict, record_event, record_events
from services.views import EventReceipt
from tests.support.streams import NOW, Item


def record(
    engine: Engine, customer_id: int, event_type: str, *, now: datetime = NOW, **envelope: Any
) -> EventReceipt:
    """Record one event; `event_data`, `timestamp` and `event_id` as a client would send them."""
    event = EVENT_ADAPTER.validate_python({"event_type": event_type, **envelope})
    return write(
        lambda session: record_event(
            session, customer_id=customer_id, event=event, source="test", now=now
        ),
        engine=engine,
    )


def record_batch(engine: Engine, items: Sequence[Item], *, now: datetime = NOW) -> list[Verdict]:
    """Record these in one transaction."""
    valid = [(customer, EVENT_ADAPTER.validate_python(event)) for customer, event in items]
    return write(
        lambda session: record_events(session, items=valid, source="test", now=now), engine=engine
    )


def take_queue(session: Session) -> list[tuple[int | None, date]]:
    """Empty the rescore queue; what waited, in order."""
    session.rollback()
    entries = [(entry.customer_id, entry.day) for entry in queue.take(session, limit=1_000)]
    session.commit()
    return entries
