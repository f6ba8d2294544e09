"""What a customer's live score needs besides signals."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array


class Subject(NamedTuple):
    """A customer as its score names it, and what its trends compare with."""

    customer_id: int
    name: str
    segment: str
    day: date
    """The day asked for, or the UTC day it left where that was before."""
    score_7d_ago: float | None
    score_30d_ago: float | None
    """Stored overall scores, where this model's version made one."""


# The signals come next, in a statement that joins each of its parts to the customers: looking for
# a better order takes PostgreSQL three times as long as the answer. Until the transaction's end.
_SUBJECTS = text("""
    SET LOCAL join_collapse_limit = 1;
    SELECT subject.*, week.overall_score, month.overall_score
    FROM (
        SELECT id, name, segment,
               LEAST(CAST(:as_of AS date), (churned_at AT TIME ZONE 'UTC')::date) AS day
        FROM customer WHERE id = ANY(CAST(:ids AS bigint[]))
    ) AS subject
    LEFT JOIN health_snapshot week
        ON week.customer_id = subject.id AND week.day = subject.day - 7
        AND week.model = :model AND week.model_version = :version
    LEFT JOIN health_snapshot month
        ON month.customer_id = subject.id AND month.day = subject.day - 30
        AND month.model = :model AND month.model_version = :version
""")


def subjects(
    session: Session, *, customer_ids: Sequence[int], as_of: date, model: str, version: int
) -> dict[int, Subject]:
    """Those of the customers that exist, by id."""
    values = {"ids": array(customer_ids), "as_of": as_of, "model": model, "version": version}
    rows = session.connection().execute(_SUBJECTS, values)
    return {row[0]: Subject(*row) for row in rows}
