"""What a customer's live score needs besides signals."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array


class Subject(NamedTuple):
    """A customer as its score names it."""

    customer_id: int
    name: str
    segment: str
    last_day: date | None
    """The UTC day it left, or will leave."""


_SUBJECTS = text("""
    SELECT id, name, segment, (churned_at AT TIME ZONE 'UTC')::date
    FROM customer WHERE id = ANY(CAST(:ids AS bigint[]))
""")
_PAST_SCORES = text("""
    SELECT s.customer_id, s.day, s.overall_score
    FROM health_snapshot s
    JOIN unnest(CAST(:ids AS bigint[]), CAST(:days AS date[])) AS wanted(id, day)
        ON s.customer_id = wanted.id AND s.day = wanted.day
    WHERE s.model = :model AND s.model_version = :version AND s.overall_score IS NOT NULL
""")


def subjects(session: Session, *, customer_ids: Sequence[int]) -> dict[int, Subject]:
    """Those of the customers that exist, by id."""
    rows = session.connection().execute(_SUBJECTS, {"ids": array(customer_ids)})
    return {row[0]: Subject(*row) for row in rows}


def past_scores(
    session: Session, *, wanted: Sequence[tuple[int, date]], model: str, version: int
) -> dict[tuple[int, date], float]:
    """Stored overall scores of (customer, day), where this model's version made one."""
    if not wanted:
        return {}
    ids, days = zip(*wanted, strict=True)
    values = {"ids": array(ids), "days": array(days), "model": model, "version": version}
    rows = session.connection().execute(_PAST_SCORES, values)
    return {(customer_id, day): score for customer_id, day, score in rows}
