"""Recording events: the event, its counters, its ticket or invoice and its place in the queue.

All in the caller's transaction, and all as sets: any number of events of any number of
customers takes the same few statements.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from sqlmodel import Session

from db.queries import activity
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


class Verdict(NamedTuple):
    """What became of one item: as stored (now or before), else the error."""

    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    key: Key | None = None
    """Customer and event id; None of a rejected item."""
    stored: StoredEvent | None = None
    error: ServiceError | None = None

    @property
    def receipt(self) -> EventReceipt | None:
        """What the sender learns of a stored event."""
        if self.key is None or self.stored is None:
            return None
        return EventReceipt(
            event_id=self.key[1],
            customer_id=self.key[0],
            event_type=self.stored.event_type,
            occurred_at=self.stored.occurred_at,
            received_at=self.stored.received_at,
            duplicate=self.status == "duplicate",
        )


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
    return receipt_of(verdict)


def receipt_of(verdict: Verdict) -> EventReceipt:
    """The receipt of a stored event; raises the error of any other."""
    if verdict.error is not None:
        raise verdict.error
    receipt = verdict.receipt
    assert receipt is not None, "no error means a receipt"  # noqa: S101
    return receipt


def record_events(
    session: Session,
    *,
    items: Sequence[tuple[int, EventIn]],
    source: str,
    now: datetime,
    received: Sequence[datetime] | None = None,
    score_after: timedelta = timedelta(0),
) -> list[Verdict]:
    """Record events of many customers, in order; a verdict for every item.

    Valid items are recorded even when others are not. The customers stay locked against
    erasure until the transaction ends.

    Args:
        received: when each item came in, if not `now`.
        score_after: how long the scorer leaves them alone, unless `queue.release` says so.
    """
    existing, sources = _lock(session, (customer_id for customer_id, _ in items))
    prepared = [
        _prepared(customer_id, event, existing, source, now, received_at)
        for (customer_id, event), received_at in zip(
            items, received or [now] * len(items), strict=True
        )
    ]
    return _record(session, prepared, sources, now, score_after)


def record_prepared(
    session: Session, *, events: Sequence[Incoming], now: datetime, score_after: timedelta
) -> list[Verdict]:
    """Record events that are ready to store, as `record_events` does."""
    existing, sources = _lock(session, (event.row.customer_id for event in events))
    known = [
        event if event.row.customer_id in existing else UnknownCustomer(event.row.customer_id)
        for event in events
    ]
    return _record(session, known, sources, now, score_after)


def _lock(session: Session, customer_ids: Iterable[int]) -> tuple[set[int], dict[str, date]]:
    wanted = {customer_id for customer_id in customer_ids if 0 < customer_id <= LARGEST_BIGINT}
    return queries.lock_customers(session, customer_ids=wanted)


def _record(
    session: Session,
    prepared: Sequence[Incoming | ServiceError],
    sources: Mapping[str, date],
    now: datetime,
    score_after: timedelta,
) -> list[Verdict]:
    # Of several items with one id, the first is the one to store; the others repeat it.
    first: dict[Key, Incoming] = {}
    for incoming in prepared:
        if isinstance(incoming, Incoming):
            first.setdefault(incoming.row[:2], incoming)
    today = utc_day(now)
    events = list(first.values())
    new = store(session, events=events, sources=sources, today=today, score_after=score_after)
    if len(new) == len(events):
        accepted, known = events, {}
    else:
        accepted = [incoming for key, incoming in first.items() if key in new]
        known = queries.stored(session, keys=[key for key in first if key not in new])
    _count(session, accepted, today, score_after)
    return [
        _verdict(incoming, first, known)
        if isinstance(incoming, Incoming)
        else Verdict("rejected", error=incoming)
        for incoming in prepared
    ]


def _prepared(
    customer_id: int,
    event: EventIn,
    existing: set[int],
    source: str,
    now: datetime,
    received: datetime,
) -> Incoming | ServiceError:
    if customer_id not in existing:
        return UnknownCustomer(customer_id)
    try:
        return prepare(
            customer_id=customer_id, event=event, source=source, now=now, received=received
        )
    except InvalidInput as error:
        return error


def _count(
    session: Session, accepted: Sequence[Incoming], today: date, score_after: timedelta
) -> None:
    """Projections first: counters are what writers of other events may have to wait for."""
    if not accepted:
        return
    # Today moves too: the last activity is part of it even when the event lies ahead.
    affected = ((event.row.customer_id, min(event.day, today)) for event in accepted)
    earliest = _earliest([*project(session, events=accepted), *affected])
    activity.add(
        session,
        counters=tally.counters(accepted),
        sightings=tally.sightings(accepted),
        entries=sorted(earliest.items()),
        after=score_after,
    )


def _earliest(affected: Iterable[tuple[int, date]]) -> dict[int, date]:
    earliest: dict[int, date] = {}
    for customer_id, day in affected:
        if day < earliest.get(customer_id, date.max):
            earliest[customer_id] = day
    return earliest


def _verdict(
    incoming: Incoming, first: dict[Key, Incoming], known: dict[Key, StoredEvent]
) -> Verdict:
    row = incoming.row
    key = row[:2]
    stored = known.get(key)
    winner = first[key]
    if stored is None:  # it is one of those just stored
        stored = StoredEvent(
            winner.row.content_hash,
            winner.row.event_type,
            winner.row.occurred_at,
            winner.row.received_at,
        )
        if winner is incoming:
            return Verdict("accepted", key, stored)
    same_time = not incoming.stated_time or row.occurred_at == stored.occurred_at
    if row.content_hash != stored.content_hash or not same_time:
        return Verdict("conflict", key, error=EventConflict(row.event_id))
    return Verdict("duplicate", key, stored)
