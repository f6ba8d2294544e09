"""The portfolio now, from `customer_health`; and what the live strip shows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, RowMapping, func, select, text
from sqlmodel import Session

from db.queries.customer_list import ITEM_COLUMNS, health, present


def by_segment_and_status(session: Session, *, now: datetime) -> Sequence[Row[Any]]:
    """Customers, their scores and ARR per segment and status; churned ones left out."""
    statement = (
        select(
            health.segment,
            health.status,
            func.count().label("customers"),
            func.count(health.overall_score).label("scored"),
            func.coalesce(func.sum(health.overall_score), 0).label("score_sum"),
            func.coalesce(func.sum(health.arr), 0).label("arr"),
            func.max(health.calculated_at).label("calculated_at"),
        )
        .where(present(now))
        .group_by(health.segment, health.status)
        .order_by(health.segment, health.status)
    )
    return session.connection().execute(statement).all()


def lowest(session: Session, *, now: datetime, limit: int) -> Sequence[RowMapping]:
    """The lowest scores among at_risk and critical customers, as list items."""
    statement = (
        select(*ITEM_COLUMNS)
        .where(
            health.status.in_(("at_risk", "critical")),
            health.overall_score.is_not(None),
            present(now),
        )
        .order_by(health.overall_score, health.customer_id)
        .limit(limit)
    )
    return session.connection().execute(statement).mappings().all()


def received(session: Session, *, since: datetime) -> Row[Any]:
    """How many events came in since then, and when the last one of all did."""
    statement = text(
        "SELECT count(*) AS events, (SELECT max(received_at) FROM event) AS last_at"
        " FROM event WHERE received_at >= :since"
    )
    return session.connection().execute(statement, {"since": since}).one()


def waiting(session: Session) -> int:
    """Rescore entries that the scorer has not taken yet."""
    count: int = (
        session.connection().execute(text("SELECT count(*) FROM rescore_queue")).scalar_one()
    )
    return count
