"""The append-only queue of customers that wait for the scorer."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array


class Entry(NamedTuple):
    """What has to be scored again: from `day` on, one customer, or everybody (None)."""

    customer_id: int | None
    day: date
    after_id: int = 0
    """Everybody: those with greater ids, as the others are done."""


class Backlog(NamedTuple):
    """What is due for the scorer."""

    entries: int
    """Counted up to `COUNTED`."""
    oldest_seconds: float
    """How long the first of them has been due; 0 where none is."""


COUNTED = 100_000

ENQUEUE = """
    INSERT INTO rescore_queue (customer_id, day, queued_at)
    SELECT customer_id, day, now() + make_interval(secs => :seconds)
    FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:days AS date[])) AS new(customer_id, day)
"""
"""A statement that takes what `enqueue_parameters` gives."""
_ENQUEUE = text(ENQUEUE)
_ENQUEUE_EVERYBODY = text("""
    INSERT INTO rescore_queue (day, after_id, queued_at)
    VALUES (:day, :after_id, now() + make_interval(secs => :seconds))
""")
_RELEASE = text("""
    UPDATE rescore_queue SET queued_at = clock_timestamp() WHERE queued_at > clock_timestamp()
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
    RETURNING customer_id, day, after_id
""")
_HURRY = text("SELECT set_config('statement_timeout', '1s', true)")
_BACKLOG = text("""
    SELECT
        (SELECT count(*) FROM (
            SELECT FROM rescore_queue WHERE queued_at <= clock_timestamp() LIMIT :counted
        ) AS due),
        coalesce((
            SELECT extract(epoch FROM clock_timestamp() - queued_at)::float8
            FROM rescore_queue WHERE queued_at <= clock_timestamp() ORDER BY id LIMIT 1
        ), 0)
""")


def enqueue(
    session: Session,
    *,
    entries: Sequence[tuple[int | None, date]],
    after: timedelta = timedelta(0),
) -> None:
    """Let (customer, earliest affected UTC day) wait, in the caller's transaction.

    Nobody takes them before `after` has passed, or `release` says that they are due.
    """
    if entries:
        session.connection().execute(_ENQUEUE, enqueue_parameters(entries, after))


def enqueue_parameters(
    entries: Sequence[tuple[int | None, date]], after: timedelta
) -> dict[str, str | float]:
    """(customer, day) to wait (at least one), as `ENQUEUE` binds them."""
    customer_ids, days = zip(*entries, strict=True)
    return {
        "customer_ids": array(customer_ids),
        "days": array(days),
        "seconds": after.total_seconds(),
    }


def enqueue_everybody(
    session: Session, *, day: date, after_id: int = 0, after: timedelta = timedelta(0)
) -> None:
    """Let every customer, or those with ids above `after_id`, be scored again from `day` on."""
    values = {"day": day, "after_id": after_id, "seconds": after.total_seconds()}
    session.connection().execute(_ENQUEUE_EVERYBODY, values)


def release(session: Session) -> None:
    """Make everything due that was to wait longer."""
    session.connection().execute(_RELEASE)


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


def backlog(session: Session) -> Backlog:
    """What is due now; given up after a second."""
    connection = session.connection()
    connection.execute(_HURRY)
    entries, seconds = connection.execute(_BACKLOG, {"counted": COUNTED}).one()
    return Backlog(entries, max(0.0, seconds))
