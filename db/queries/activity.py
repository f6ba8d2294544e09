"""What grows with activity and is read by scoring: counters, sightings, connected sources.

Rows are upserted in key order, so that concurrent writers wait for each other instead
of deadlocking.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array, columns
from db.queries.prepared import Prepared
from db.queries.queue import ENQUEUE, enqueue_parameters


class Counter(NamedTuple):
    """An addition to `daily_activity`."""

    customer_id: int
    day: date
    signal: int
    key: str
    n: int
    last_at: datetime


class Sighting(NamedTuple):
    """A user, endpoint or event type seen from `first_at` to `last_at`."""

    customer_id: int
    kind: int
    name: str
    first_at: datetime
    last_at: datetime


# One statement for three tables: a round trip costs a single event more than its rows do.
# A counter stops at the largest bigint instead of failing the event that overflows it.
_COUNT = """
    INSERT INTO daily_activity AS counter (customer_id, day, signal, key, n, last_at)
    SELECT * FROM unnest(
        CAST(:customer_id AS bigint[]), CAST(:day AS date[]), CAST(:signal AS smallint[]),
        CAST(:key AS text[]), CAST(:n AS bigint[]), CAST(:last_at AS timestamptz[])
    )
    ON CONFLICT (customer_id, day, signal, key) DO UPDATE
    SET n = counter.n + LEAST(EXCLUDED.n, 9223372036854775807 - counter.n),
        last_at = GREATEST(counter.last_at, EXCLUDED.last_at)
"""
# Most is known already: a look first, and neither locks nor writes it. OFFSET 0 makes that a look
# by key for each, where the planner would read the whole table.
_SEE = """
    INSERT INTO last_seen AS seen (customer_id, kind, name, first_at, last_at)
    SELECT new.*
    FROM unnest(
        CAST(:seen_customer_id AS bigint[]), CAST(:seen_kind AS smallint[]),
        CAST(:seen_name AS text[]), CAST(:seen_first_at AS timestamptz[]),
        CAST(:seen_last_at AS timestamptz[])
    ) AS new(customer_id, kind, name, first_at, last_at)
    LEFT JOIN LATERAL (
        SELECT first_at, last_at FROM last_seen
        WHERE customer_id = new.customer_id AND kind = new.kind AND name = new.name
        OFFSET 0
    ) AS known ON true
    WHERE known.first_at IS NULL
       OR known.first_at > new.first_at OR known.last_at < new.last_at
    ON CONFLICT (customer_id, kind, name) DO UPDATE
    SET first_at = LEAST(seen.first_at, EXCLUDED.first_at),
        last_at = GREATEST(seen.last_at, EXCLUDED.last_at)
    WHERE seen.first_at > EXCLUDED.first_at OR seen.last_at < EXCLUDED.last_at
"""
_ADD = Prepared("add_activity", f"WITH counted AS ({_COUNT}), seen AS ({_SEE}) {ENQUEUE}")
_CONNECT = text("""
    INSERT INTO connected_source AS source (signal, first_day)
    SELECT * FROM unnest(CAST(:signals AS text[]), CAST(:days AS date[]))
    ON CONFLICT (signal) DO UPDATE SET first_day = EXCLUDED.first_day
    WHERE source.first_day > EXCLUDED.first_day
    RETURNING first_day
""")


def add(
    session: Session,
    *,
    counters: Sequence[Counter],
    sightings: Sequence[Sighting],
    entries: Sequence[tuple[int, date]],
    after: timedelta,
) -> None:
    """Add to the counters, widen first and last times, and queue (customer, earliest UTC day).

    Each key may come once. The scorer leaves the entries alone until `after` has passed.
    """
    counted = columns(sorted(counters), Counter)
    seen = columns(sorted(sightings), Sighting)
    parameters = counted | {f"seen_{name}": values for name, values in seen.items()}
    _ADD.run(session, parameters | enqueue_parameters(entries, after))


def connect(session: Session, *, first_days: Mapping[str, date]) -> date | None:
    """Move sources' first days earlier; the earliest day that did move, if any."""
    signals = sorted(first_days)
    parameters = {"signals": array(signals), "days": array(first_days[name] for name in signals)}
    moved = session.connection().execute(_CONNECT, parameters).scalars().all()
    return min(moved, default=None)
