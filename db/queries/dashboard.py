"""The portfolio now, from `customer_health`; and what the live strip shows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, RowMapping, text
from sqlmodel import Session

from db.queries.customer_list import ITEM_COLUMNS, health
from db.tables import CustomerHealth

_PRESENT = "(churned_at IS NULL OR churned_at > :now)"


def by_segment_and_status(session: Session, *, now: datetime) -> Sequence[Row[Any]]:
    """Customers, their scores and ARR per segment and status; churned ones left out."""
    statement = text(
        "SELECT segment, status, count(*) AS customers, count(overall_score) AS scored,"  # noqa: S608
        " coalesce(sum(overall_score), 0) AS score_sum, coalesce(sum(arr), 0) AS arr,"
        " max(calculated_at) AS calculated_at"
        f" FROM customer_health WHERE {_PRESENT} GROUP BY segment, status ORDER BY segment, status"
    )
    return session.connection().execute(statement, {"now": now}).all()


def lowest(session: Session, *, now: datetime, limit: int) -> Sequence[RowMapping]:
    """The lowest scores among at_risk and critical customers, as list items."""
    table = CustomerHealth.metadata.tables["customer_health"]
    statement = (
        table.select()
        .with_only_columns(*ITEM_COLUMNS)
        .where(
            health.status.in_(("at_risk", "critical")),
            health.overall_score.is_not(None),
            health.churned_at.is_(None) | (health.churned_at > now),
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
