"""The live strip: what arrives, and whether scores keep up."""

from datetime import UTC, datetime, time

from sqlmodel import Session

from db.queries import live as queries
from services.clock import utc_day
from services.views import LiveStatus

MOST = 10_000
"""So many are counted at most: the strip asks every few seconds, and a day may bring millions."""


def live_status(session: Session, *, now: datetime, most: int = MOST) -> LiveStatus:
    """When the last event came in, how many did today, and what waits for the scorer.

    A count of `most` means that many or more.
    """
    midnight = datetime.combine(utc_day(now), time(), tzinfo=UTC)
    received = queries.received(session, since=midnight, most=most)
    return LiveStatus(
        last_event_at=received.last_at,
        events_today=received.events,
        waiting=queries.waiting(session, most=most),
    )
