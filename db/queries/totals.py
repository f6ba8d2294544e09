"""Totals of the portfolio, kept as deltas: who changes a score appends what went and what came.

Nobody ever waits for a shared row, and reading adds up few rows whatever the number of
customers (`db.queries.portfolio`). Every sum is of integers or decimals, so it is exact in any
order: the totals equal a recount of `customer_health` and `health_snapshot` at any moment.

A change takes its customers out, changes them and puts them in, in one transaction. Taking out
locks their rows in `customer_health`: two changes of one customer never see the same old score.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import TextClause, text
from sqlmodel import Session

from db.queries.columns import array

MANY = 1_000
"""Rows beyond one a group that are left to the readers."""

_COLUMNS = "segment, status, score_bin, churned_at, customers, scored, score_sum, arr, changed_at"
_APPEND = f"""
INSERT INTO portfolio_now ({_COLUMNS})
SELECT segment, status, floor(overall_score / 5) - (overall_score >= 100)::int,
       COALESCE(churned_at, 'infinity'),
       {{sign}} count(*), {{sign}} count(overall_score),
       {{sign}} COALESCE(sum(overall_score::numeric), 0), {{sign}} COALESCE(sum(arr), 0),
       {{changed_at}}
FROM (
    SELECT segment, status, overall_score, churned_at, arr FROM customer_health
    WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) {{lock}}
) AS changed
GROUP BY 1, 2, 3, 4
"""  # noqa: S608
_TAKE_OUT = text(
    _APPEND.format(sign="-", changed_at="NULL", lock="ORDER BY customer_id FOR NO KEY UPDATE")
)
_PUT_IN = text(_APPEND.format(sign="", changed_at="CAST(:now AS timestamptz)", lock=""))

# A customer counts until the day before it left.
_APPEND_DAYS = """
INSERT INTO portfolio_day (day, status, customers, scored, score_sum, arr)
SELECT s.day, s.status, {sign} count(*), {sign} count(s.overall_score),
       {sign} COALESCE(sum(s.overall_score::numeric), 0), {sign} COALESCE(sum(s.arr), 0)
FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:first_days AS date[])) AS changed(id, day)
JOIN customer_health h ON h.customer_id = changed.id
JOIN health_snapshot s ON s.customer_id = changed.id AND s.day >= changed.day
    AND s.day >= CAST(:earliest AS date)
WHERE s.day < COALESCE((h.churned_at AT TIME ZONE 'UTC')::date, 'infinity')
GROUP BY s.day, s.status
"""
_TAKE_OUT_DAYS = text(_APPEND_DAYS.format(sign="-"))
_PUT_IN_DAYS = text(_APPEND_DAYS.format(sign=""))

_SURPLUS = text("""
SELECT (SELECT COALESCE(sum(n - 1), 0) FROM (
            SELECT count(*) AS n FROM portfolio_now
            GROUP BY segment, status, score_bin, churned_at
        ) AS groups),
       (SELECT COALESCE(sum(n - 1), 0) FROM (
            SELECT count(*) AS n FROM portfolio_day GROUP BY day, status
        ) AS groups)
""")
# Who has left stays so: one group for all of them, whenever they left.
_COMPACT = text(f"""
WITH appended AS (DELETE FROM portfolio_now RETURNING *)
INSERT INTO portfolio_now ({_COLUMNS})
SELECT segment, status, score_bin,
       CASE WHEN churned_at <= :now THEN '-infinity' ELSE churned_at END AS left_at,
       sum(customers), sum(scored), sum(score_sum), sum(arr), max(changed_at)
FROM appended
GROUP BY segment, status, score_bin, left_at
HAVING sum(customers) <> 0
""")  # noqa: S608
_COMPACT_DAYS = text("""
WITH appended AS (
    DELETE FROM portfolio_day
    WHERE (day, status) IN (
        SELECT day, status FROM portfolio_day GROUP BY day, status HAVING count(*) > 1
    )
    RETURNING *
)
INSERT INTO portfolio_day (day, status, customers, scored, score_sum, arr)
SELECT day, status, sum(customers), sum(scored), sum(score_sum), sum(arr)
FROM appended
GROUP BY day, status
HAVING sum(customers) <> 0
""")


def take_out(session: Session, *, customer_ids: Iterable[int]) -> None:
    """Before a change: lock the customers' current scores and take them out of the totals."""
    session.connection().execute(_TAKE_OUT, {"customer_ids": array(customer_ids)})


def put_in(session: Session, *, customer_ids: Iterable[int], now: datetime) -> None:
    """After it, and for new customers: put the current scores into the totals."""
    values = {"customer_ids": array(customer_ids), "now": now}
    session.connection().execute(_PUT_IN, values)


def take_out_days(
    session: Session, *, customer_ids: Iterable[int], first_days: Iterable[date]
) -> None:
    """Before snapshots, or the day a customer leaves, change: take its days out from the first.

    The customers are taken out by `take_out` already, whose lock covers their days as well.
    """
    _append_days(session, _TAKE_OUT_DAYS, customer_ids, first_days)


def put_in_days(
    session: Session, *, customer_ids: Iterable[int], first_days: Iterable[date]
) -> None:
    """After it: put the same days into the totals."""
    _append_days(session, _PUT_IN_DAYS, customer_ids, first_days)


def _append_days(
    session: Session,
    statement: TextClause,
    customer_ids: Iterable[int],
    first_days: Iterable[date],
) -> None:
    days = list(first_days)
    values = {
        "customer_ids": array(customer_ids),
        "first_days": array(days),
        "earliest": min(days, default=date.max),  # a range of the index, not each customer's all
    }
    session.connection().execute(statement, values)


def compact(session: Session, *, now: datetime) -> None:
    """Where many rows have gathered, leave one a group. What others append meanwhile stays."""
    connection = session.connection()
    surplus, surplus_days = connection.execute(_SURPLUS).one()
    if surplus > MANY:
        connection.execute(_COMPACT, {"now": now})
    if surplus_days > MANY:
        connection.execute(_COMPACT_DAYS)
