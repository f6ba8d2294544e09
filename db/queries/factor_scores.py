"""The factor scores behind current scores."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from db.tables import CustomerHealth

health = CustomerHealth.metadata.tables["customer_health"].c


def current(session: Session, *, customer_ids: Sequence[int]) -> Sequence[Row[Any, Any, Any, Any]]:
    """Rows of customer_id, factor_scores, model and model_version, for those with a score."""
    statement = select(
        health.customer_id, health.factor_scores, health.model, health.model_version
    ).where(health.customer_id.in_(customer_ids), health.overall_score.is_not(None))
    return session.connection().execute(statement).all()
