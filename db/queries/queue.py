"""The append-only queue of customers that wait for the scorer."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array


class Entry(NamedTuple):
    """What has to be scored again: from `day` on, one customer, or everybody (None)."""

    customer_id: int | None
    day: date


_ENQUEUE = text("""
    INSERT INTO rescore_queue (customer_id, day)
    SELECT * FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:days AS date[]))
""")
_PUT_OFF = text("""
    INSERT INTO rescore_queue (customer_id, day, queued_at)
    VALUES (:customer_id, :day, clock_timestamp() + make_interval(secs => :seconds))
""")
_TAKE = text("""
    DELETE FROM rescore_queue
    WHERE id IN (
        SELECT id FROM rescore_queue WHERE queued_at <= clock_timestamp() ORDER BY id LIMIT :limit
    )
    RETURNING customer_id, day
""")


def enqueue(session: Session, *, entries: Sequence[tuple[int | None, date]]) -> None:
    """Let (customer, earliest affected UTC day) wait, in the caller's transaction."""
    if entries:
        customer_ids, days = zip(*entries, strict=True)
        session.connection().execute(
            _ENQUEUE, {"customer_ids": array(customer_ids), "days": array(days)}
        )


def enqueue_everybody(session: Session, *, day: date) -> None:
    """Let every customer be scored again from `day` on."""
    enqueue(session, entries=[(None, day)])


def put_off(session: Session, *, customer_id: int, day: date, seconds: int) -> None:
    """Let a customer wait that nobody shall take before so many seconds have passed."""
    values = {"customer_id": customer_id, "day": day, "seconds": seconds}
    session.connection().execute(_PUT_OFF, values)


def take(session: Session, *, limit: int) -> list[Entry]:
    """Remove the oldest entries that are visible and not put off, for the one scorer there is.

    By id, never "up to id": an entry that commits late has a low id and must still be found.
    """
    rows = session.connection().execute(_TAKE, {"limit": limit})
    return [Entry(*row) for row in rows]
