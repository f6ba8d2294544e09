"""Scores of past days, from `health_snapshot`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session


def of_customer(
    session: Session, *, customer_id: int, start: date, end: date
) -> Sequence[Row[Any]]:
    """A customer's snapshots from `start` to `end`, both included, oldest first."""
    statement = text(
        "SELECT day, overall_score, status, coverage, model, model_version, factor_scores"
        " FROM health_snapshot WHERE customer_id = :customer_id AND day BETWEEN :start AND :end"
        " ORDER BY day"
    )
    values = {"customer_id": customer_id, "start": start, "end": end}
    return session.connection().execute(statement, values).all()


def of_portfolio(session: Session, *, start: date, end: date) -> Sequence[Row[Any]]:
    """Snapshots counted per day and status; whoever left on a day is out of it already."""
    statement = text(
        "SELECT s.day, s.status, count(*) AS customers, count(s.overall_score) AS scored,"
        " coalesce(sum(s.overall_score), 0) AS score_sum, coalesce(sum(s.arr), 0) AS arr"
        " FROM health_snapshot s"
        " LEFT JOIN (SELECT id, CAST(churned_at AT TIME ZONE 'UTC' AS date) AS day"
        "            FROM customer WHERE churned_at IS NOT NULL) gone"
        "   ON gone.id = s.customer_id AND gone.day <= s.day"
        " WHERE s.day BETWEEN :start AND :end AND gone.id IS NULL"
        " GROUP BY s.day, s.status ORDER BY s.day"
    )
    return session.connection().execute(statement, {"start": start, "end": end}).all()
