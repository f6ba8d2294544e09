"""Recording a batch of events as sets: PostgreSQL reads everything from what COPY brought it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import NamedTuple

from sqlmodel import Session

from db.queries import event_import as queries
from db.queries import queue
from db.queries.events import Sources, lock_customers
from db.tables import LARGEST_BIGINT
from scoring.signals import SOURCES
from services.clock import utc_day
from services.errors import EventConflict, ServiceError, UnknownCustomer
from services.imports.batch import SCORE_AFTER
from services.imports.copy_text import content_line, count_lines, event_line, sighting_lines
from services.imports.ready import SOURCE, Ready, incoming
from services.incoming import SUBJECTS
from services.ingest import record_prepared
from services.projector import project

_LAST = "9"
"""After every time's text."""
_DAY = len("2026-05-04")


class Recorded(NamedTuple):
    """What became of the events, by their numbers: stored, refused, or else there already."""

    accepted: Sequence[int]
    errors: Mapping[int, ServiceError]


def record(session: Session, *, events: Sequence[Ready], now: datetime) -> Recorded:
    """Record events as `ingest.record_prepared` does, of many customers in order."""
    wanted = {event.customer_id for event in events}
    existing, sources = lock_customers(
        session, customer_ids=[number for number in wanted if 0 < number <= LARGEST_BIGINT]
    )
    if _moves_a_source(events, sources):
        return _record_one_by_one(session, events, now)
    known: Sequence[int] = range(len(events))
    errors: dict[int, ServiceError] = {}
    if len(existing) < len(wanted):
        for number, event in enumerate(events):
            if event.customer_id not in existing:
                errors[number] = UnknownCustomer(event.customer_id)
        known = [number for number in known if number not in errors]
    accepted = _store(session, events, known, errors) if known else ()
    if accepted:
        _follow(session, [events[number] for number in accepted], utc_day(now))
    return Recorded(accepted, errors)


def _store(
    session: Session,
    events: Sequence[Ready],
    known: Sequence[int],
    errors: dict[int, ServiceError],
) -> Sequence[int]:
    """Store those that are new, which stay staged; their numbers. Adds what contradicts."""
    contents = {events[number].content.number: events[number].content for number in known}.values()
    queries.stage(
        session,
        events=[event_line(number, events[number]) for number in known],
        contents=map(content_line, contents),
        counts=count_lines(contents),
        sightings=sighting_lines(contents),
    )
    stored = queries.store(session, source=SOURCE, events=len(known))
    if stored is None:
        return known
    for number in queries.conflicts(session):
        errors[number] = EventConflict(events[number].event_id)
    first: dict[tuple[int, str], int] = {}
    for number in known:
        first.setdefault(events[number][:2], number)
    accepted = [first[key] for key in stored]
    if accepted:
        queries.forget_others(session, places=accepted)
    return accepted


def _moves_a_source(events: Sequence[Ready], sources: Sources) -> bool:
    """Whether one may be the first of its source, which everybody's score depends on."""
    first, known = (
        {source: days.get(source, date.max).isoformat() for source in SOURCES} for days in sources
    )
    if min(map(itemgetter(2), events), default=_LAST) >= max(known.values()):
        return False  # no day is known before it is the first
    return any(
        event.occurred < first.get(event.content.event_type, "")
        or max(event.occurred, event.received) < known.get(event.content.event_type, "")
        for event in events
    )


def _record_one_by_one(session: Session, events: Sequence[Ready], now: datetime) -> Recorded:
    verdicts = record_prepared(
        session, events=[incoming(event) for event in events], now=now, score_after=SCORE_AFTER
    )
    accepted, errors = [], {}
    for number, verdict in enumerate(verdicts):
        if verdict.error is not None:
            errors[number] = verdict.error
        elif verdict.status == "accepted":
            accepted.append(number)
    return Recorded(accepted, errors)


def _follow(session: Session, accepted: Sequence[Ready], today: date) -> None:
    """Projections first: counters are what writers of other events may have to wait for."""
    of_subjects = [incoming(event) for event in accepted if event.content.event_type in SUBJECTS]
    earliest: dict[int, date] = {}
    for customer_id, day in project(session, events=of_subjects):
        earliest[customer_id] = min(day, earliest.get(customer_id, day))
    queries.count(session)
    if any(received[:_DAY] > occurred[:_DAY] for _, _, occurred, received, _ in accepted):
        queries.count_late(session)
    first: dict[int, str] = {}
    for customer_id, _, occurred, _, _ in accepted:
        if occurred < first.get(customer_id, _LAST):
            first[customer_id] = occurred
    for customer_id, occurred in first.items():
        day = min(date.fromisoformat(occurred[:10]), today)
        earliest[customer_id] = min(day, earliest.get(customer_id, day))
    queue.enqueue(session, entries=sorted(earliest.items()), after=SCORE_AFTER)
