"""What a rescore reads besides signals, and how it writes: any number of rows a statement."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array
from db.queries.customer_changes import HELD_BY_DAY
from db.tables import SeenKind


class Life(NamedTuple):
    """A locked customer and the days that a rescore may cover."""

    customer_id: int
    queued: date
    """The earliest day that changed, or that no rescore has covered yet; at most today."""
    day_0: date
    last: date
    """Today, or the day it left."""
    is_new: bool
    """Whether it has never been scored."""


class Scored(NamedTuple):
    """Scores to store, as columns of one length; NaN where there is none."""

    customer_id: Sequence[int]
    day: Sequence[date]
    segment: Sequence[str]
    status: Sequence[str]
    coverage: Sequence[float]
    overall_score: Sequence[float]
    factors: Mapping[str, Sequence[float]]


# A customer that has left and whose last day is scored stays as it is.
_NEXT = text("""
    SELECT c.id
    FROM customer c JOIN customer_health h ON h.customer_id = c.id
    WHERE c.id > :after
        AND NOT COALESCE((c.churned_at AT TIME ZONE 'UTC')::date < LEAST(:day, h.as_of + 1), false)
    ORDER BY c.id LIMIT :limit
""")
_LIVES = text(f"""
SELECT c.id, LEAST(waiting.day, h.as_of + 1, CAST(:today AS date)),
       LEAST((c.created_at AT TIME ZONE 'UTC')::date, activity.first_day),
       LEAST((c.churned_at AT TIME ZONE 'UTC')::date, CAST(:today AS date)),
       h.as_of IS NULL
FROM unnest(CAST(:ids AS bigint[]), CAST(:days AS date[])) AS waiting(id, day)
JOIN customer c ON c.id = waiting.id
JOIN customer_health h ON h.customer_id = c.id
LEFT JOIN (
    SELECT customer_id, (min(first_at) AT TIME ZONE 'UTC')::date AS first_day
    FROM last_seen
    WHERE kind = {int(SeenKind.EVENT_TYPE)} AND customer_id = ANY(CAST(:ids AS bigint[]))
    GROUP BY customer_id
) AS activity ON activity.customer_id = c.id
ORDER BY c.id
FOR KEY SHARE OF c
""")  # noqa: S608
_FIRST_SNAPSHOTS = text("""
    SELECT customer_id, min(day) FROM health_snapshot
    WHERE customer_id = ANY(CAST(:ids AS bigint[])) GROUP BY customer_id
""")
_WITH_DAYS_BEFORE = text("""
    SELECT DISTINCT s.customer_id FROM health_snapshot s
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:days AS date[])) AS life(id, day)
        ON s.customer_id = life.id AND s.day < life.day
""")
_OUTSIDE = """
    FROM unnest(CAST(:ids AS bigint[]), CAST(:first AS date[]), CAST(:last AS date[]))
        AS life(id, first, last)
    JOIN health_snapshot s ON s.customer_id = life.id
        AND (s.day < life.first OR s.day > life.last)
"""
_HAVE_DAYS_OUTSIDE = text(f"SELECT DISTINCT s.customer_id {_OUTSIDE}")
_FORGET = text(f"""
    DELETE FROM health_snapshot
    WHERE (customer_id, day) IN (SELECT s.customer_id, s.day {_OUTSIDE})
""")  # noqa: S608
_SCORED = """
    SELECT customer_id, day, segment, status, coverage,
           NULLIF(overall_score, 'NaN') AS overall_score,
           jsonb_build_object({pairs}) AS factor_scores
    FROM unnest(
        CAST(:customer_id AS bigint[]), CAST(:day AS date[]), CAST(:segment AS text[]),
        CAST(:status AS text[]), CAST(:coverage AS float8[]),
        CAST(:overall_score AS float8[]){arrays}
    ) AS row(customer_id, day, segment, status, coverage, overall_score{names})
"""
# Only the scorer writes snapshots, so nobody inserts one meanwhile; and unlike ON CONFLICT,
# this doesn't even lock a row that stays as it is.
_STORE_SNAPSHOTS = """
MERGE INTO health_snapshot AS old USING (
    SELECT x.*, {arr} AS arr FROM ({scored}) AS x JOIN customer c ON c.id = x.customer_id {held}
) AS new
ON old.customer_id = new.customer_id AND old.day = new.day
WHEN NOT MATCHED THEN
    INSERT (customer_id, day, overall_score, status, coverage, factor_scores, segment, arr,
        model, model_version)
    VALUES (new.customer_id, new.day, new.overall_score, new.status, new.coverage,
        new.factor_scores, new.segment, new.arr, :model, :model_version)
WHEN MATCHED AND
        (old.overall_score, old.status, old.coverage, old.factor_scores, old.segment, old.arr,
         old.model, old.model_version)
        IS DISTINCT FROM (new.overall_score, new.status, new.coverage, new.factor_scores,
         new.segment, new.arr, :model, :model_version) THEN
    UPDATE SET overall_score = new.overall_score, status = new.status, coverage = new.coverage,
        factor_scores = new.factor_scores, segment = new.segment, arr = new.arr, model = :model,
        model_version = :model_version
"""
_HELD = f"""
    LEFT JOIN {HELD_BY_DAY}
        ON held.customer_id = x.customer_id AND x.day >= held.since AND x.day < held.until
"""
_HELD_ARR = "CASE WHEN held.customer_id IS NULL THEN c.arr ELSE held.arr END"
_UPDATE_CURRENT = f"""
UPDATE customer_health h SET
    overall_score = y.overall_score, status = y.status, coverage = y.coverage,
    factor_scores = y.factor_scores, trend_7d = y.trend_7d, trend_30d = y.trend_30d,
    model = :model, model_version = :model_version, last_activity_at = y.last_activity_at,
    as_of = y.day, calculated_at = :now
FROM (
    SELECT x.*, activity.last_at AS last_activity_at,
           x.overall_score - week.overall_score AS trend_7d,
           x.overall_score - month.overall_score AS trend_30d
    FROM ({{scored}}) AS x
    LEFT JOIN health_snapshot week ON week.customer_id = x.customer_id AND week.day = x.day - 7
        AND week.model = :model AND week.model_version = :model_version
    LEFT JOIN health_snapshot month ON month.customer_id = x.customer_id
        AND month.day = x.day - 30
        AND month.model = :model AND month.model_version = :model_version
    LEFT JOIN (
        SELECT customer_id, max(last_at) AS last_at FROM last_seen
        WHERE kind = {int(SeenKind.EVENT_TYPE)}
            AND customer_id = ANY(CAST(:customer_id AS bigint[]))
        GROUP BY customer_id
    ) AS activity ON activity.customer_id = x.customer_id
) AS y
WHERE h.customer_id = y.customer_id
    AND (h.overall_score, h.status, h.coverage, h.factor_scores, h.trend_7d, h.trend_30d,
         h.model, h.model_version, h.last_activity_at, h.as_of)
    IS DISTINCT FROM (y.overall_score, y.status, y.coverage, y.factor_scores, y.trend_7d,
         y.trend_30d, :model, :model_version, y.last_activity_at, y.day)
"""  # noqa: S608


def next_customers(session: Session, *, after: int, day: date, limit: int) -> list[int]:
    """The next customers by id whose score from `day` on may change when everybody waits."""
    values = {"after": after, "day": day, "limit": limit}
    return list(session.connection().execute(_NEXT, values).scalars())


def lock(session: Session, *, waiting: Mapping[int, date], today: date) -> list[Life]:
    """Lock the waiting customers against erasure; those that exist, by id."""
    values = {"ids": array(waiting), "days": array(waiting.values()), "today": today}
    return [Life(*row) for row in session.connection().execute(_LIVES, values)]


def first_snapshots(session: Session, *, customer_ids: Iterable[int]) -> dict[int, date]:
    """The earliest stored day of each of these customers that has one."""
    values = {"ids": array(customer_ids)}
    rows = session.connection().execute(_FIRST_SNAPSHOTS, values)
    return {row[0]: row[1] for row in rows}


def with_days_outside(session: Session, *, lives: Sequence[Life]) -> set[int]:
    """Who of these has snapshots before day 0 or after the last day."""
    return set(session.connection().execute(_HAVE_DAYS_OUTSIDE, _bounds(lives)).scalars())


def forget_days_outside(session: Session, *, lives: Sequence[Life]) -> None:
    """Delete snapshots before day 0 and after the last day."""
    session.connection().execute(_FORGET, _bounds(lives))


def store_snapshots(
    session: Session, *, scored: Scored, made_by: tuple[str, int], today: date
) -> None:
    """Store or correct scores by day, with the ARR that held on it."""
    select, values = _scored(scored, made_by)
    past = any(day < today for day in scored.day)
    held = _HELD.format(whose="customer_id = ANY(CAST(:customer_id AS bigint[]))")
    statement = _STORE_SNAPSHOTS.format(
        scored=select, arr=_HELD_ARR if past else "c.arr", held=held if past else ""
    )
    session.connection().execute(text(statement), values)


def update_current(
    session: Session, *, scored: Scored, made_by: tuple[str, int], now: datetime
) -> None:
    """Make these the customers' current scores, with trends from the stored snapshots."""
    select, values = _scored(scored, made_by)
    statement = text(_UPDATE_CURRENT.format(scored=select))
    session.connection().execute(statement, values | {"now": now})


def _bounds(lives: Sequence[Life]) -> dict[str, str]:
    return {
        "ids": array([life.customer_id for life in lives]),
        "first": array([life.day_0 for life in lives]),
        "last": array([life.last for life in lives]),
    }


def _scored(scored: Scored, made_by: tuple[str, int]) -> tuple[str, dict[str, object]]:
    """The rows as a SELECT, and its bound parameters; factors' names are parameters too."""
    values: dict[str, object] = {
        "customer_id": array(scored.customer_id),
        "day": array(scored.day),
        "segment": array(scored.segment),
        "status": array(scored.status),
        "coverage": _numbers(scored.coverage),
        "overall_score": _numbers(scored.overall_score),
        "model": made_by[0],
        "model_version": made_by[1],
    }
    for n, (name, scores) in enumerate(scored.factors.items()):
        values |= {f"n{n}": name, f"f{n}": _numbers(scores)}
    numbers = range(len(scored.factors))
    select = _SCORED.format(
        pairs=", ".join(f"CAST(:n{n} AS text), NULLIF(f{n}, 'NaN')" for n in numbers),
        arrays="".join(f", CAST(:f{n} AS float8[])" for n in numbers),
        names="".join(f", f{n}" for n in numbers),
    )
    return select, values


def _numbers(values: Sequence[float]) -> str:
    """An array literal with every digit; NaN, which is no number in JSON, is left to the SQL."""
    return "{" + ",".join(map(repr, values)) + "}"
