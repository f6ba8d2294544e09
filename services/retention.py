"""Keeping the data of events for so long and no longer.

Events keep their id, type, times and content hash, so that a repetition is still known for one.
Tickets and payments keep their data too: their ticket or invoice is folded from it again whenever
a late event comes.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from db.queries import retention as queries
from db.queries.events import lock_customers
from settings import get_settings

BATCH = 2_000


def remove_old_data(session: Session, *, now: datetime) -> bool:
    """Remove the data of the oldest 2,000 events that RETENTION_DAYS are over for; are there more?

    In the caller's transaction, which should be short: erasing one of these customers waits.
    """
    days = get_settings().retention_days
    if days is None:
        return False
    before = now - timedelta(days=days)
    found = queries.old_events(session, before=before, limit=BATCH)
    # As ingestion does: whoever erases a customer either waits for this or was first.
    existing, _ = lock_customers(session, customer_ids={event.customer_id for event in found})
    old = [event for event in found if event.customer_id in existing]
    if old:
        queries.remove_data(session, events=old, before=before)
    return len(found) == BATCH
