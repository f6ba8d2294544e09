"""A customer's scores of past days."""

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
