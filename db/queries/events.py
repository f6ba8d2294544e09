"""The append-only `event` table, and the locks under which it grows."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array, columns

Key = tuple[int, str]
"""(customer_id, event_id)"""


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


class StoredEvent(NamedTuple):
    """What a repeat is compared with and answered from."""

    content_hash: bytes
    event_type: str
    occurred_at: datetime
    received_at: datetime


# One look at both reference tables: who exists, and which sources are connected since when.
_LOCK = text("""
    SELECT id, (SELECT jsonb_object_agg(signal, first_day) FROM connected_source) AS sources
    FROM customer
    WHERE id = ANY(CAST(:ids AS bigint[]))
    ORDER BY id
    FOR KEY SHARE OF customer
""")
_INSERT = text("""
    INSERT INTO event (customer_id, event_id, event_type, occurred_at, received_at, source,
                       subject_id, data, content_hash)
    SELECT customer_id, event_id, event_type, occurred_at, received_at, source,
           subject_id, CAST(data AS jsonb), content_hash
    FROM unnest(
        CAST(:customer_id AS bigint[]), CAST(:event_id AS text[]), CAST(:event_type AS text[]),
        CAST(:occurred_at AS timestamptz[]), CAST(:received_at AS timestamptz[]),
        CAST(:source AS text[]), CAST(:subject_id AS text[]), CAST(:data AS text[]),
        CAST(:content_hash AS bytea[])
    ) AS new(customer_id, event_id, event_type, occurred_at, received_at, source, subject_id,
             data, content_hash)
    ON CONFLICT (customer_id, event_id) DO NOTHING
    RETURNING customer_id, event_id
""")
_STORED = text("""
    SELECT e.customer_id, e.event_id, e.content_hash, e.event_type, e.occurred_at, e.received_at
    FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:event_ids AS text[]))
         AS wanted(customer_id, event_id)
    JOIN event e ON e.customer_id = wanted.customer_id AND e.event_id = wanted.event_id
""")


def lock_customers(
    session: Session, *, customer_ids: Iterable[int]
) -> tuple[set[int], dict[str, date]]:
    """The ids that exist, safe from erasure until commit, and each connected source's first day."""
    rows = session.connection().execute(_LOCK, {"ids": array(sorted(customer_ids))}).all()
    sources = (rows[0].sources or {}) if rows else {}
    return {row.id for row in rows}, {
        signal: date.fromisoformat(day) for signal, day in sources.items()
    }


def insert_new(session: Session, *, rows: Sequence[EventRow]) -> set[Key]:
    """Store those whose key is free, in key order; the keys that were. Keys must differ."""
    if not rows:
        return set()
    added = session.connection().execute(_INSERT, columns(sorted(rows, key=lambda row: row[:2])))
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
