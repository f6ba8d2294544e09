"""Events that an import has staged: everything that follows from them, told by PostgreSQL.

A batch goes over by COPY once; storing, comparing and counting read it there. What many events
say alike is staged once, under a number.
"""

import io
from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array

Key = tuple[int, str]
"""(customer_id, event_id)"""

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

# Once a connection, not once a batch: its rows go with the transaction, the tables stay.
_STAGE = text("""
    CREATE TEMPORARY TABLE IF NOT EXISTS imported_event (
        place integer, customer_id bigint, event_id text, occurred_at timestamptz,
        received_at timestamptz, subject_id text, content integer
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS imported_content (
        content integer, event_type text, data jsonb, content_hash bytea
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS imported_count (
        content integer, signal smallint, key text, n integer
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS imported_sighting (
        content integer, kind smallint, name text, by_day boolean
    ) ON COMMIT DELETE ROWS
""")
_STORE = text("""
    INSERT INTO event (customer_id, event_id, event_type, occurred_at, received_at, source,
                       subject_id, data, content_hash)
    SELECT customer_id, event_id, event_type, occurred_at, COALESCE(received_at, occurred_at),
           :source, subject_id, data, content_hash
    FROM imported_event JOIN imported_content USING (content)
    ORDER BY customer_id, event_id COLLATE "C", place
    ON CONFLICT (customer_id, event_id) DO NOTHING
    RETURNING customer_id, event_id
""")
_CONFLICTS = text("""
    SELECT place FROM imported_event told
    JOIN imported_content said USING (content)
    JOIN event stored USING (customer_id, event_id)
    WHERE (stored.content_hash, stored.occurred_at) <> (said.content_hash, told.occurred_at)
""")
_LAZILY = text("SET LOCAL synchronous_commit = off")
_FORGET = text("DELETE FROM imported_event WHERE NOT place = ANY(CAST(:places AS integer[]))")
# In key order, whatever order the database gives its texts: no two writers deadlock.
_COUNT = text("""
    INSERT INTO daily_activity AS counter (customer_id, day, signal, key, n, last_at)
    SELECT customer_id, CAST(occurred_at AT TIME ZONE 'UTC' AS date) AS day, signal, key,
           sum(n), max(occurred_at)
    FROM imported_event JOIN imported_count USING (content)
    GROUP BY customer_id, day, signal, key
    ORDER BY customer_id, day, signal, key COLLATE "C"
    ON CONFLICT (customer_id, day, signal, key) DO UPDATE
    SET n = counter.n + LEAST(EXCLUDED.n, 9223372036854775807 - counter.n),
        last_at = GREATEST(counter.last_at, EXCLUDED.last_at)
""")
_CAME_IN = "CAST(COALESCE(received_at, occurred_at) AT TIME ZONE 'UTC' AS date)"
_HAPPENED = "CAST(occurred_at AT TIME ZONE 'UTC' AS date)"
_COUNT_LATE = text(f"""
    INSERT INTO late_activity AS late (customer_id, day, signal, key, received_day, n)
    SELECT customer_id, {_HAPPENED} AS day, COALESCE(signal, 0) AS signal,
           COALESCE(key, '') AS key, {_CAME_IN} AS received_day, sum(COALESCE(n, 1))
    FROM imported_event LEFT JOIN imported_count USING (content)
    WHERE {_CAME_IN} > {_HAPPENED}
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, COALESCE(key, '') COLLATE "C", 5
    ON CONFLICT (customer_id, day, signal, key, received_day) DO UPDATE
    SET n = late.n + LEAST(EXCLUDED.n, 9223372036854775807 - late.n)
""")  # noqa: S608
_SEE = text(f"""
    INSERT INTO last_seen AS seen (customer_id, kind, name, first_at, last_at, on_time_at)
    SELECT customer_id, kind, name,
           CASE WHEN by_day THEN date_trunc('day', min(occurred_at), 'UTC')
                ELSE min(occurred_at) END,
           CASE WHEN by_day THEN date_trunc('day', max(occurred_at), 'UTC')
                ELSE max(occurred_at) END,
           min(occurred_at) FILTER (WHERE NOT by_day AND {_CAME_IN} <= {_HAPPENED})
    FROM imported_event JOIN imported_sighting USING (content)
    GROUP BY customer_id, kind, name, by_day
    ORDER BY customer_id, kind, name COLLATE "C"
    ON CONFLICT (customer_id, kind, name) DO UPDATE
    SET first_at = LEAST(seen.first_at, EXCLUDED.first_at),
        last_at = GREATEST(seen.last_at, EXCLUDED.last_at),
        on_time_at = LEAST(seen.on_time_at, EXCLUDED.on_time_at)
    WHERE seen.first_at > EXCLUDED.first_at OR seen.last_at < EXCLUDED.last_at
       OR COALESCE(seen.on_time_at, 'infinity') > EXCLUDED.on_time_at
""")  # noqa: S608


def commit_lazily(session: Session) -> None:
    """Don't wait for the disk at this commit: the next one that does waits for this one too."""
    session.connection().execute(_LAZILY)


def escaped(text: str) -> str:
    """A text as COPY's text format has it."""
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def stage(
    session: Session,
    *,
    events: Iterable[str],
    contents: Iterable[str],
    counts: Iterable[str],
    sightings: Iterable[str],
) -> None:
    """Bring over a batch, as lines of COPY's text format."""
    connection = session.connection()
    connection.execute(_STAGE)
    cursor = connection.connection.cursor()
    for table, lines in (
        ("imported_event", events),
        ("imported_content", contents),
        ("imported_count", counts),
        ("imported_sighting", sightings),
    ):
        cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO("\n".join(lines)), 1 << 16)
    cursor.close()


def store(session: Session, *, source: str, events: int) -> set[Key] | None:
    """Store those whose keys are free, the first of each; their keys, or None: all `events`."""
    added = session.connection().execute(_STORE, {"source": source})
    if added.rowcount == events:
        return None
    return {(row[0], row[1]) for row in added}


def conflicts(session: Session) -> set[int]:
    """The places of staged events that differ from what is stored under their keys."""
    return set(session.connection().execute(_CONFLICTS).scalars())


def forget_others(session: Session, *, places: Sequence[int]) -> None:
    """Keep only these staged events."""
    session.connection().execute(_FORGET, {"places": array(places)})


def count(session: Session) -> None:
    """Add what is staged to the counters, and widen first and last times."""
    connection = session.connection()
    connection.execute(_COUNT)
    connection.execute(_SEE)


def count_late(session: Session) -> None:
    """Add what of the staged came in on a later UTC day than its own to the late counts."""
    session.connection().execute(_COUNT_LATE)
