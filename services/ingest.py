"""Recording events: the event, its counters, its ticket or invoice and its place in the queue.

All in the caller's transaction, and all as sets: any number of events of any number of
customers takes the same few statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlmodel import Session

from db.queries import activity, queue
from db.queries import events as queries
from db.queries.events import Key, StoredEvent
from db.tables import LARGEST_BIGINT
from services import tally
from services.clock import utc_day
from services.errors import EventConflict, InvalidInput, ServiceError, UnknownCustomer
from services.event_store import store
from services.events import EventIn
from services.incoming import Incoming, prepare
from services.projector import project
from services.views import EventReceipt


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one item: a receipt where it is stored (now or before), else the error."""

    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    receipt: EventReceipt | None = None
    error: ServiceError | None = None


def record_event(
    session: Session, *, customer_id: int, event: EventIn, source: str, now: datetime
) -> EventReceipt:
    """Record one event; repeating it with its event_id answers the same, as a duplicate.

    Raises:
        UnknownCustomer: there is no such customer.
        EventConflict: the event_id is taken by other content.
        InvalidInput: the timestamp is too far ahead.
    """
    (verdict,) = record_events(session, items=[(customer_id, event)], source=source, now=now)
    if verdict.error is not None:
        raise verdict.error
    assert verdict.receipt is not None, "no error means a receipt"  # noqa: S101
    return verdict.receipt


def record_events(
    session: Session, *, items: Sequence[tuple[int, EventIn]], source: str, now: datetime
) -> list[Verdict]:
    """Record events of many customers, in order; a verdict for every item.

    Valid items are recorded even when others are not. The customers stay locked against
    erasure until the transaction ends.
    """
    wanted = {customer_id for customer_id, _ in items if 0 < customer_id <= LARGEST_BIGINT}
    existing, sources = queries.lock_customers(session, customer_ids=wanted)
    prepared = [_prepared(item, existing, source, now) for item in items]
    # Of several items with one id, the first is the one to store; the others repeat it.
    first: dict[Key, Incoming] = {}
    for incoming in prepared:
        if isinstance(incoming, Incoming):
            first.setdefault(incoming.key, incoming)
    new = store(session, events=list(first.values()), sources=sources, today=utc_day(now))
    accepted = [incoming for key, incoming in first.items() if key in new]
    _count(session, accepted, utc_day(now))
    known = queries.stored(session, keys=[key for key in first if key not in new])
    known |= {incoming.key: _as_stored(incoming) for incoming in accepted}
    fresh = {id(incoming) for incoming in accepted}
    return [
        _verdict(incoming, known[incoming.key], fresh=id(incoming) in fresh)
        if isinstance(incoming, Incoming)
        else Verdict("rejected", error=incoming)
        for incoming in prepared
    ]


def _prepared(
    item: tuple[int, EventIn], existing: set[int], source: str, now: datetime
) -> Incoming | ServiceError:
    customer_id, event = item
    if customer_id not in existing:
        return UnknownCustomer(customer_id)
    try:
        return prepare(customer_id=customer_id, event=event, source=source, now=now)
    except InvalidInput as error:
        return error


def _count(session: Session, accepted: Sequence[Incoming], today: date) -> None:
    if not accepted:
        return
    facts = [incoming.fact for incoming in accepted]
    activity.count(session, counters=tally.counters(facts))
    activity.see(session, sightings=tally.sightings(facts))
    # Today moves too: the last activity is part of it even when the event lies ahead.
    affected = [(fact.customer_id, min(fact.day, today)) for fact in facts]
    earliest: dict[int, date] = {}
    for customer_id, day in affected + project(session, events=accepted):
        earliest[customer_id] = min(day, earliest.get(customer_id, day))
    queue.enqueue(session, entries=sorted(earliest.items()))


def _as_stored(incoming: Incoming) -> StoredEvent:
    row = incoming.row
    return StoredEvent(row.content_hash, row.event_type, row.occurred_at, row.received_at)


def _verdict(incoming: Incoming, stored: StoredEvent, *, fresh: bool) -> Verdict:
    row = incoming.row
    same_time = not incoming.stated_time or row.occurred_at == stored.occurred_at
    if row.content_hash != stored.content_hash or not same_time:
        return Verdict("conflict", error=EventConflict(row.event_id))
    receipt = EventReceipt(
        event_id=row.event_id,
        customer_id=row.customer_id,
        event_type=stored.event_type,
        occurred_at=stored.occurred_at,
        received_at=stored.received_at,
        duplicate=not fresh,
    )
    return Verdict("accepted" if fresh else "duplicate", receipt=receipt)
