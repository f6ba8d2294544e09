"""Removing the data of old events; what was counted from it stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array
from db.tables import SeenKind


class OldEvent(NamedTuple):
    """An event whose data may go, and the user that it names."""

    customer_id: int
    event_id: str
    user_id: str | None


# Of what a ticket or an invoice is folded from, nothing goes: the fold reads all of it again.
_OLD = text("""
    SELECT customer_id, event_id, data->>'user_id'
    FROM event
    WHERE data IS NOT NULL AND subject_id IS NULL AND occurred_at < :before
    ORDER BY occurred_at LIMIT :limit
""")
_REMOVE = text("""
    UPDATE event SET data = NULL
    FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:event_ids AS text[]))
         AS old(customer_id, event_id)
    WHERE event.customer_id = old.customer_id AND event.event_id = old.event_id
""")
# The last event of a user that is old is the last that remembers the user: no table is searched.
_FORGET = text("""
    DELETE FROM last_seen
    USING unnest(CAST(:customer_ids AS bigint[]), CAST(:names AS text[])) AS old(customer_id, name)
    WHERE last_seen.customer_id = old.customer_id AND last_seen.kind = :kind
      AND last_seen.name = old.name AND last_seen.last_at < :before
""")


def old_events(session: Session, *, before: datetime, limit: int) -> list[OldEvent]:
    """Events that happened before and still have data, the oldest first."""
    rows = session.connection().execute(_OLD, {"before": before, "limit": limit})
    return [OldEvent(*row) for row in rows]


def remove_data(session: Session, *, events: Sequence[OldEvent], before: datetime) -> None:
    """Take their data, and forget the users whom only they remember.

    The customers must be locked against erasure.
    """
    customer_ids, event_ids, _ = zip(*events, strict=True)
    parameters = {"customer_ids": array(customer_ids), "event_ids": array(event_ids)}
    session.connection().execute(_REMOVE, parameters)
    users = sorted({(customer_id, user) for customer_id, _, user in events if user is not None})
    if users:
        customer_ids, names = zip(*users, strict=True)
        parameters = {"customer_ids": array(customer_ids), "names": array(names)}
        seen = {"kind": SeenKind.USER, "before": before}
        session.connection().execute(_FORGET, parameters | seen)
