"""The lowest scores, and what the live strip shows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, RowMapping, select, text
from sqlmodel import Session

from db.queries.customer_list import ITEM_COLUMNS, health, present


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
