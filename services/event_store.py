"""Storing events exactly once, and noticing sources that were never seen so early."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlmodel import Session

from db.queries import activity, queue
from db.queries import events as queries
from db.queries.events import Key, Sources
from services import tally
from services.incoming import Incoming


class _OvertakenError(Exception):
    """Another transaction stored one of the events after we had looked."""


def store(
    session: Session,
    *,
    events: Sequence[Incoming],
    sources: Sources,
    today: date,
    score_after: timedelta,
) -> set[Key]:
    """Store those events whose keys are free (keys must differ); the keys that were.

    Reference tables are written first, so a source's first day is moved before the events
    are in. Only events that do get in may move it: if one doesn't, the attempt is undone.
    """
    while True:
        if not any(_news(events, sources)):
            return queries.insert_new(session, rows=[event.row for event in events])
        try:
            with session.begin_nested():
                return _store_connecting(session, events, sources, today, score_after)
        except _OvertakenError:
            continue


def _store_connecting(
    session: Session,
    events: Sequence[Incoming],
    sources: Sources,
    today: date,
    score_after: timedelta,
) -> set[Key]:
    taken = queries.stored(session, keys=[event.key for event in events])
    fresh = [event for event in events if event.key not in taken]
    first, known = _news(fresh, sources)
    moved = _connect(session, first, known, sources) if first or known else None
    if moved is not None:
        queue.enqueue_everybody(session, day=min(moved, today), after=score_after)
    new = queries.insert_new(session, rows=[event.row for event in fresh])
    if len(new) < len(fresh):
        raise _OvertakenError
    return new


def _news(events: Sequence[Incoming], sources: Sources) -> tuple[dict[str, date], dict[str, date]]:
    first = tally.first_days(events, sources.first_days)
    return first, tally.known_days(events, sources.known_days)


def _connect(
    session: Session, first: Mapping[str, date], known: Mapping[str, date], sources: Sources
) -> date | None:
    """Move the sources' days; the earliest first day that did move, if any."""
    names = first.keys() | known.keys()
    stored = activity.connect(
        session,
        first_days={name: first.get(name) or sources.first_days[name] for name in names},
        known_days={name: known.get(name) or sources.known_days[name] for name in names},
    )
    return min((day for name, day in stored.items() if day == first.get(name)), default=None)
