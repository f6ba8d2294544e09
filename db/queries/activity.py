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
    """A user, endpoint or event type seen from `first_at` to `last_at`.

    `on_time_at` is the first time of those events of a type that didn't come in late.
    """

    customer_id: int
    kind: int
    name: str
    first_at: datetime
    last_at: datetime
    on_time_at: datetime | None


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
    INSERT INTO last_seen AS seen (customer_id, kind, name, first_at, last_at, on_time_at)
    SELECT new.*
    FROM unnest(
        CAST(:seen_customer_id AS bigint[]), CAST(:seen_kind AS smallint[]),
        CAST(:seen_name AS text[]), CAST(:seen_first_at AS timestamptz[]),
        CAST(:seen_last_at AS timestamptz[]), CAST(:seen_on_time_at AS timestamptz[])
    ) AS new(customer_id, kind, name, first_at, last_at, on_time_at)
    LEFT JOIN LATERAL (
        SELECT first_at, last_at, on_time_at FROM last_seen
        WHERE customer_id = new.customer_id AND kind = new.kind AND name = new.name
        OFFSET 0
    ) AS known ON true
    WHERE known.first_at IS NULL
       OR known.first_at > new.first_at OR known.last_at < new.last_at
       OR COALESCE(known.on_time_at, 'infinity') > new.on_time_at
    ON CONFLICT (customer_id, kind, name) DO UPDATE
    SET first_at = LEAST(seen.first_at, EXCLUDED.first_at),
        last_at = GREATEST(seen.last_at, EXCLUDED.last_at),
        on_time_at = LEAST(seen.on_time_at, EXCLUDED.on_time_at)
    WHERE seen.first_at > EXCLUDED.first_at OR seen.last_at < EXCLUDED.last_at
       OR COALESCE(seen.on_time_at, 'infinity') > EXCLUDED.on_time_at
"""
_ADD = Prepared("add_activity", f"WITH counted AS ({_COUNT}), seen AS ({_SEE}) {ENQUEUE}")
_CONNECT = text("""
    INSERT INTO connected_source AS source (signal, first_day, known_day)
    SELECT * FROM unnest(
        CAST(:signals AS text[]), CAST(:first_days AS date[]), CAST(:known_days AS date[])
    )
    ON CONFLICT (signal) DO UPDATE
    SET first_day = LEAST(source.first_day, EXCLUDED.first_day),
        known_day = LEAST(source.known_day, EXCLUDED.known_day)
    WHERE source.first_day > EXCLUDED.first_day OR source.known_day > EXCLUDED.known_day
    RETURNING signal, first_day
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


def connect(
    session: Session,
    *,
    first_days: Mapping[str, date],
    known_days: Mapping[str, date] | None = None,
) -> dict[str, date]:
    """Move sources' first days earlier, and the days from which on they are known.

    Args:
        known_days: of the same sources; without, nothing came in late.

    Returns:
        Of each source of which either moved, the first day that it now has.
    """
    known_days = known_days or first_days
    signals = sorted(first_days)
    parameters = {
        "signals": array(signals),
        "first_days": array(first_days[name] for name in signals),
        "known_days": array(known_days[name] for name in signals),
    }
    rows = session.connection().execute(_CONNECT, parameters)
    return {row.signal: row.first_day for row in rows}
