"""Whose stored score is farthest from what it was on an earlier day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

_LARGEST = text("""
    SELECT h.customer_id, h.name AS customer_name, h.segment, h.owner, h.arr, h.status
    FROM customer_health h
    JOIN health_snapshot s ON s.customer_id = h.customer_id AND s.day = :start
    WHERE COALESCE(h.churned_at, 'infinity') > :now AND h.overall_score <> s.overall_score
    ORDER BY abs(h.overall_score - s.overall_score) DESC, h.customer_id
    LIMIT :limit
""")


def largest(session: Session, *, start: date, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Customers with a score now and on `start`, those that differ most first."""
    values = {"start": start, "now": now, "limit": limit}
    return session.connection().execute(_LARGEST, values).all()
