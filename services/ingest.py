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
from db.queries import late as late_queries
from db.queries.events import EventRow, Key, Sources, StoredEvent
from db.tables import LARGEST_BIGINT
from services import tally
from services.clock import utc_day
from services.errors import EventConflict, InvalidInput, ServiceError, UnknownCustomer
from services.event_store import store
from services.events import EventIn
from services.incoming import Incoming, prepare, stated
from services.projector import project
from services.views import EventReceipt


class Verdict(NamedTuple):
    """What became of one item: as stored (now or before), else the error."""

    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    key: Key | None = None
    """Customer and event id; None of a rejected item."""
    stored: StoredEvent | EventRow | None = None
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
    session: Session, *, items: Sequence[tuple[int, EventIn]], source: str, now: datetime
) -> list[Verdict]:
    """Record events of many customers, in order, as `record_prepared` does."""
    prepared: list[Incoming | ServiceError] = []
    for customer_id, event in items:
        try:
            told = stated(event)
            prepared.append(prepare(customer_id=customer_id, event=told, source=source, now=now))
        except InvalidInput as error:
            prepared.append(error)
    return record_prepared(session, events=prepared, now=now)


def record_prepared(
    session: Session,
    *,
    events: Sequence[Incoming | ServiceError],
    now: datetime,
    score_after: timedelta = timedelta(0),
) -> list[Verdict]:
    """Record events that are ready to store, in order; a verdict for every item.

    Valid events are recorded even when others are not. The customers stay locked against
    erasure until the transaction ends.

    Args:
        score_after: how long the scorer leaves them alone, unless `queue.release` says so.
    """
    existing, sources = _lock(session, events)
    # Of several items with one id, the first is the one to store; the others repeat it.
    first: dict[Key, Incoming] = {}
    for event in events:
        if isinstance(event, Incoming) and event.row.customer_id in existing:
            first.setdefault(event.row[:2], event)
    today = utc_day(now)
    distinct = list(first.values())
    new = store(session, events=distinct, sources=sources, today=today, score_after=score_after)
    if len(new) == len(distinct):
        accepted, known = distinct, {}
    else:
        accepted = [event for key, event in first.items() if key in new]
        known = queries.stored(session, keys=[key for key in first if key not in new])
    _count(session, accepted, today, score_after)
    return [_verdict(event, first, known) for event in events]


def _lock(session: Session, events: Iterable[Incoming | ServiceError]) -> tuple[set[int], Sources]:
    wanted = {event.row.customer_id for event in events if isinstance(event, Incoming)}
    possible = {customer_id for customer_id in wanted if 0 < customer_id <= LARGEST_BIGINT}
    return queries.lock_customers(session, customer_ids=possible)


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
    if late := tally.late(accepted):
        late_queries.add_counts(session, rows=late)


def _earliest(affected: Iterable[tuple[int, date]]) -> dict[int, date]:
    earliest: dict[int, date] = {}
    for customer_id, day in affected:
        if day < earliest.get(customer_id, date.max):
            earliest[customer_id] = day
    return earliest


def _verdict(
    event: Incoming | ServiceError, first: Mapping[Key, Incoming], known: Mapping[Key, StoredEvent]
) -> Verdict:
    if not isinstance(event, Incoming):
        return Verdict("rejected", error=event)
    row = event.row
    key = row[:2]
    winner = first.get(key)
    if winner is None:
        return Verdict("rejected", error=UnknownCustomer(row.customer_id))
    stored = known.get(key, winner.row)  # if not known before, it is one of those just stored
    if stored is row:
        return Verdict("accepted", key, stored)
    same_time = not event.stated_time or row.occurred_at == stored.occurred_at
    if row.content_hash != stored.content_hash or not same_time:
        return Verdict("conflict", key, error=EventConflict(row.event_id))
    return Verdict("duplicate", key, stored)
