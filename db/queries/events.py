"""The append-only `event` table, and the locks under which it grows."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array, columns
from db.queries.copying import copy_rows
from db.queries.prepared import Prepared

Key = tuple[int, str]
"""(customer_id, event_id)"""

STAGED_FROM = 500
"""From so many rows on, COPY into a temporary table is faster than arrays."""


class EventRow(NamedTuple):
    """A row to store; `data` is JSON text."""

    customer_id: int
    event_id: str
    event_type: str
    occurred_at: datetime
    received_at: datetime
    source: str
    subject_id: str | None
    data: str
    content_hash: bytes


class Sources(NamedTuple):
    """The connected sources."""

    first_days: dict[str, date]
    """The first UTC day that has such an event."""
    known_days: dict[str, date]
    """The first UTC day on which such an event had both happened and come in."""


class StoredEvent(NamedTuple):
    """What a repeat is compared with and answered from."""

    content_hash: bytes
    event_type: str
    occurred_at: datetime
    received_at: datetime


# One look at both reference tables: who exists, and which sources are connected since when.
# One row, too: thousands would take longer to read than to lock.
_LOCK = Prepared(
    "lock_customers",
    """
    WITH locked AS (
        SELECT id FROM customer WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR KEY SHARE
    )
    SELECT (SELECT array_agg(id) FROM locked) AS ids,
           first_days, known_days
    FROM (
        SELECT jsonb_object_agg(signal, first_day) AS first_days,
               jsonb_object_agg(signal, known_day) AS known_days
        FROM connected_source
    ) AS sources
""",
)
_INSERT = """
    INSERT INTO event (customer_id, event_id, event_type, occurred_at, received_at, source,
                       subject_id, data, content_hash)
    SELECT customer_id, event_id, event_type, occurred_at, received_at, source,
           subject_id, CAST(data AS jsonb), content_hash
    FROM {}
    ON CONFLICT (customer_id, event_id) DO NOTHING
    RETURNING customer_id, event_id
"""
_INSERT_FEW = Prepared(
    "insert_events",
    _INSERT.format("""unnest(
        CAST(:customer_id AS bigint[]), CAST(:event_id AS text[]), CAST(:event_type AS text[]),
        CAST(:occurred_at AS timestamptz[]), CAST(:received_at AS timestamptz[]),
        CAST(:source AS text[]), CAST(:subject_id AS text[]), CAST(:data AS text[]),
        CAST(:content_hash AS bytea[])
    ) AS new(customer_id, event_id, event_type, occurred_at, received_at, source, subject_id,
             data, content_hash)"""),
)
# Read as it was written: in key order.
_INSERT_STAGED = text(_INSERT.format("staged_event"))
# Once a connection, not once a batch: its rows go with the transaction, the table stays.
_STAGE = text("""
    CREATE TEMPORARY TABLE IF NOT EXISTS staged_event (
        customer_id bigint, event_id text, event_type text, occurred_at timestamptz,
        received_at timestamptz, source text, subject_id text, data jsonb, content_hash bytea
    ) ON COMMIT DELETE ROWS
""")
_STORED = text("""
    SELECT e.customer_id, e.event_id, e.content_hash, e.event_type, e.occurred_at, e.received_at
    FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:event_ids AS text[]))
         AS wanted(customer_id, event_id)
    JOIN event e ON e.customer_id = wanted.customer_id AND e.event_id = wanted.event_id
""")


def lock_customers(session: Session, *, customer_ids: Iterable[int]) -> tuple[set[int], Sources]:
    """The ids that exist, safe from erasure until commit, and the connected sources."""
    (row,) = _LOCK.run(session, {"ids": array(sorted(customer_ids))})
    return set(row.ids or ()), Sources(_days(row.first_days), _days(row.known_days))


def _days(texts: dict[str, str] | None) -> dict[str, date]:
    return {signal: date.fromisoformat(day) for signal, day in (texts or {}).items()}


def insert_new(session: Session, *, rows: Sequence[EventRow]) -> set[Key]:
    """Store those whose key is free, in key order; the keys that were. Keys must differ."""
    if not rows:
        return set()
    ordered = sorted(rows, key=itemgetter(0, 1))
    if len(rows) < STAGED_FROM:
        return {(row[0], row[1]) for row in _INSERT_FEW.run(session, columns(ordered))}
    connection = session.connection()
    connection.execute(_STAGE)
    copy_rows(session, table="staged_event", rows=ordered)
    added = connection.execute(_INSERT_STAGED)
    # Nearly always all of them, and reading as many keys back takes time.
    if added.rowcount == len(rows):
        return {row[:2] for row in rows}
    return {(row.customer_id, row.event_id) for row in added}


def stored(session: Session, *, keys: Sequence[Key]) -> dict[Key, StoredEvent]:
    """What is stored under these keys, where something is."""
    if not keys:
        return {}
    customer_ids, event_ids = zip(*keys, strict=True)
    parameters = {"customer_ids": array(customer_ids), "event_ids": array(event_ids)}
    return {
        (row.customer_id, row.event_id): StoredEvent(
            bytes(row.content_hash), row.event_type, row.occurred_at, row.received_at
        )
        for row in session.connection().execute(_STORED, parameters)
    }
