"""Scores of past days: a customer's, and those of a part of the portfolio."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from db.queries.columns import array
from db.queries.customer_changes import HELD_BY_DAY

_WITH_WHAT_HELD = f"""
    FROM health_snapshot s
    JOIN customer c ON c.id = s.customer_id
    LEFT JOIN {HELD_BY_DAY}
        ON held.customer_id = s.customer_id AND s.day >= held.since AND s.day < held.until
"""
_OWNER = "CASE WHEN held.customer_id IS NULL THEN c.owner ELSE held.owner END"
_OF_CUSTOMER = text(f"""
    SELECT s.day, s.overall_score, s.status, s.coverage, s.model, s.model_version,
           s.factor_scores, s.segment, s.arr, {_OWNER} AS owner
    {_WITH_WHAT_HELD.format(whose="customer_id = :customer_id")}
    WHERE s.customer_id = :customer_id AND s.day BETWEEN :start AND :end
    ORDER BY s.day
""")
# Who may have been asked for on some day; then, on which.
_MAY = """
    s.customer_id IN (
        SELECT id FROM customer WHERE {column} = ANY(CAST(:{column} AS text[]))
        UNION
        SELECT customer_id FROM customer_change WHERE {column} = ANY(CAST(:{column} AS text[]))
    ) AND {of_day} = ANY(CAST(:{column} AS text[]))
"""
_OF_DAY = {"segment": "s.segment", "owner": _OWNER}
_PART = f"""
    SELECT s.day, s.status, count(*) AS customers, count(s.overall_score) AS scored,
           COALESCE(sum(s.overall_score::numeric), 0) AS score_sum, COALESCE(sum(s.arr), 0) AS arr
    {_WITH_WHAT_HELD.format(whose="true")}
    WHERE s.day BETWEEN :start AND :end
        AND s.day < COALESCE((c.churned_at AT TIME ZONE 'UTC')::date, 'infinity') AND {{asked}}
    GROUP BY s.day, s.status
    ORDER BY s.day
"""


def of_customer(
    session: Session, *, customer_id: int, start: date, end: date
) -> Sequence[Row[Any]]:
    """A customer's snapshots from `start` to `end`, both included, oldest first.

    With the segment, owner and ARR of each day.
    """
    values = {"customer_id": customer_id, "start": start, "end": end}
    return session.connection().execute(_OF_CUSTOMER, values).all()


def of_part(
    session: Session, *, start: date, end: date, segment: Sequence[str], owner: Sequence[str]
) -> Sequence[Row[Any]]:
    """What `portfolio.days` tells, of those who had one of these segments and owners on the day.

    At least one of the two is given. Reads the snapshots of everybody concerned.
    """
    given = {name: values for name, values in (("segment", segment), ("owner", owner)) if values}
    asked = (_MAY.format(column=name, of_day=_OF_DAY[name]) for name in given)
    statement = text(_PART.format(asked=" AND ".join(asked)))
    binds = {name: array(values) for name, values in given.items()}
    return session.connection().execute(statement, {**binds, "start": start, "end": end}).all()
