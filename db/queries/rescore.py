"""What a rescore reads besides signals, and how it writes: any number of rows a statement."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array, columns
from db.tables import SeenKind


class Life(NamedTuple):
    """A locked customer and the days that a rescore may cover."""

    customer_id: int
    queued: date
    """The earliest day that changed, or that no rescore has covered yet; at most today."""
    day_0: date
    last: date
    """Today, or the day it left."""


class Scored(NamedTuple):
    """One customer on one day, as a row to store; `factors` in the order of their names."""

    customer_id: int
    day: date
    overall_score: float | None
    status: str
    coverage: float
    segment: str
    factors: tuple[float | None, ...]


_LIVES = f"""
SELECT c.id, LEAST(waiting.day, CAST(:everybody AS date), h.as_of + 1, CAST(:today AS date)),
       LEAST((c.created_at AT TIME ZONE 'UTC')::date, activity.first_day),
       LEAST((c.churned_at AT TIME ZONE 'UTC')::date, CAST(:today AS date))
FROM customer c
JOIN customer_health h ON h.customer_id = c.id
{{join}} JOIN unnest(CAST(:ids AS bigint[]), CAST(:days AS date[])) AS waiting(id, day)
    ON waiting.id = c.id
LEFT JOIN (
    SELECT customer_id, (min(first_at) AT TIME ZONE 'UTC')::date AS first_day
    FROM last_seen
    WHERE kind = {int(SeenKind.EVENT_TYPE)} {{restricted}}
    GROUP BY customer_id
) AS activity ON activity.customer_id = c.id
ORDER BY c.id
FOR KEY SHARE OF c
"""  # noqa: S608
_SOME = text(_LIVES.format(join="", restricted="AND customer_id = ANY(CAST(:ids AS bigint[]))"))
_EVERYBODY = text(_LIVES.format(join="LEFT", restricted=""))
_FIRST_SNAPSHOTS = text("""
    SELECT customer_id, min(day) FROM health_snapshot
    WHERE customer_id = ANY(CAST(:ids AS bigint[])) GROUP BY customer_id
""")
_WITH_DAYS_BEFORE = text("""
    SELECT DISTINCT s.customer_id FROM health_snapshot s
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:days AS date[])) AS life(id, day)
        ON s.customer_id = life.id AND s.day < life.day
""")
_FORGET = """
    DELETE FROM health_snapshot s
    USING unnest(CAST(:ids AS bigint[]), CAST(:days AS date[])) AS life(id, day)
    WHERE s.customer_id = life.id AND s.day {} life.day
"""
_FORGET_BEFORE, _FORGET_AFTER = text(_FORGET.format("<")), text(_FORGET.format(">"))
_SCORED = """
    SELECT customer_id, day, overall_score, status, coverage, segment,
           jsonb_build_object({pairs}) AS factor_scores
    FROM unnest(
        CAST(:customer_id AS bigint[]), CAST(:day AS date[]), CAST(:overall_score AS float8[]),
        CAST(:status AS text[]), CAST(:coverage AS float8[]), CAST(:segment AS text[]){arrays}
    ) AS row(customer_id, day, overall_score, status, coverage, segment{names})
"""
_STORE_SNAPSHOTS = """
INSERT INTO health_snapshot AS old (customer_id, day, overall_score, status, coverage,
    factor_scores, segment, arr, model, model_version)
SELECT x.customer_id, x.day, x.overall_score, x.status, x.coverage, x.factor_scores, x.segment,
       c.arr, :model, :model_version
FROM ({scored}) AS x JOIN customer c ON c.id = x.customer_id
ORDER BY x.customer_id, x.day
ON CONFLICT (customer_id, day) DO UPDATE SET
    overall_score = excluded.overall_score, status = excluded.status,
    coverage = excluded.coverage, factor_scores = excluded.factor_scores,
    segment = excluded.segment, model = excluded.model, model_version = excluded.model_version,
    arr = CASE WHEN old.day < :today THEN old.arr ELSE excluded.arr END
WHERE (old.overall_score, old.status, old.coverage, old.factor_scores, old.segment, old.model,
       old.model_version)
    IS DISTINCT FROM (excluded.overall_score, excluded.status, excluded.coverage,
       excluded.factor_scores, excluded.segment, excluded.model, excluded.model_version)
    OR (old.day >= :today AND old.arr IS DISTINCT FROM excluded.arr)
"""
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


def lock(
    session: Session, *, waiting: Mapping[int, date], everybody: date | None, today: date
) -> list[Life]:
    """Lock the waiting customers (all, if everybody waits) against erasure; those that exist."""
    statement = _SOME if everybody is None else _EVERYBODY
    values = {
        "ids": array(waiting),
        "days": array(waiting.values()),
        "everybody": everybody,
        "today": today,
    }
    return [Life(*row) for row in session.connection().execute(statement, values)]


def first_snapshots(session: Session, *, customer_ids: Iterable[int]) -> dict[int, date]:
    """The earliest stored day of each of these customers that has one."""
    values = {"ids": array(customer_ids)}
    rows = session.connection().execute(_FIRST_SNAPSHOTS, values)
    return {row[0]: row[1] for row in rows}


def with_days_before(session: Session, *, lives: Sequence[Life]) -> set[int]:
    """The customers that have snapshots before day 0, which are to be forgotten."""
    ids, days = array(life.customer_id for life in lives), array(life.day_0 for life in lives)
    rows = session.connection().execute(_WITH_DAYS_BEFORE, {"ids": ids, "days": days})
    return set(rows.scalars())


def forget_days_outside(session: Session, *, lives: Sequence[Life]) -> None:
    """Delete snapshots before day 0 and after the last day."""
    connection, ids = session.connection(), array(life.customer_id for life in lives)
    first = array(life.day_0 for life in lives)
    connection.execute(_FORGET_BEFORE, {"ids": ids, "days": first})
    last = array(life.last for life in lives)
    connection.execute(_FORGET_AFTER, {"ids": ids, "days": last})


def store_snapshots(
    session: Session,
    *,
    rows: Sequence[Scored],
    factors: Sequence[str],
    model: tuple[str, int],
    today: date,
) -> None:
    """Store or correct scores by day. A past day keeps the ARR it had."""
    if rows:
        scored, values = _scored(rows, factors, model)
        statement = text(_STORE_SNAPSHOTS.format(scored=scored))
        session.connection().execute(statement, values | {"today": today})


def update_current(
    session: Session,
    *,
    rows: Sequence[Scored],
    factors: Sequence[str],
    model: tuple[str, int],
    now: datetime,
) -> None:
    """Make these the customers' current scores, with trends from the stored snapshots."""
    if rows:
        scored, values = _scored(rows, factors, model)
        statement = text(_UPDATE_CURRENT.format(scored=scored))
        session.connection().execute(statement, values | {"now": now})


def _scored(
    rows: Sequence[Scored], factors: Sequence[str], model: tuple[str, int]
) -> tuple[str, dict[str, object]]:
    """The rows as a SELECT, and its bound parameters; factors' names are parameters too."""
    numbers = range(len(factors))
    values: dict[str, object] = dict(columns(rows))
    del values["factors"]
    values |= {f"n{n}": name for n, name in enumerate(factors)}
    values |= {f"f{n}": array(row.factors[n] for row in rows) for n in numbers}
    values |= {"model": model[0], "model_version": model[1]}
    select = _SCORED.format(
        pairs=", ".join(f"CAST(:n{n} AS text), f{n}" for n in numbers),
        arrays="".join(f", CAST(:f{n} AS float8[])" for n in numbers),
        names="".join(f", f{n}" for n in numbers),
    )
    return select, values
