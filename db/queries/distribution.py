"""How the current scores are distributed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Double, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

from db.queries.customer_list import health, present


def count_between(session: Session, *, edges: Sequence[float], now: datetime) -> dict[int, int]:
    """Customers with a score, without churned ones, by bucket.

    Bucket n holds the scores from the n-th edge (from 1) to below the next; the last one holds
    everything from the last edge on. Empty buckets are left out.
    """
    bounds = cast(list(edges), ARRAY(Double))
    bucket = func.width_bucket(health.overall_score, bounds).label("bucket")
    statement = (
        select(bucket, func.count().label("customers"))
        .where(health.overall_score.is_not(None))
        .where(present(now))
        .group_by(bucket)
    )
    return {row.bucket: row.customers for row in session.connection().execute(statement)}
