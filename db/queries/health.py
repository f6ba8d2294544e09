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
    day: date
    """The day asked for, or the UTC day it left where that was before."""
    week_ago: "Stored"
    month_ago: "Stored"


class Stored(NamedTuple):
    """A snapshot's score, and the model and version that made it; None where there is none."""

    score: float | None
    model: str | None
    version: int | None


# The signals come next, in a statement that joins each of its parts to the customers: looking for
# a better order takes PostgreSQL three times as long as the answer. Until the transaction's end.
_SUBJECTS = text("""
    SET LOCAL join_collapse_limit = 1;
    SELECT subject.*, week.overall_score, week.model, week.model_version,
           month.overall_score, month.model, month.model_version
    FROM (
        SELECT id, name,
               LEAST(CAST(:as_of AS date), (churned_at AT TIME ZONE 'UTC')::date) AS day
        FROM customer WHERE id = ANY(CAST(:ids AS bigint[]))
    ) AS subject
    LEFT JOIN health_snapshot week
        ON week.customer_id = subject.id AND week.day = subject.day - 7
    LEFT JOIN health_snapshot month
        ON month.customer_id = subject.id AND month.day = subject.day - 30
""")


def subjects(session: Session, *, customer_ids: Sequence[int], as_of: date) -> dict[int, Subject]:
    """Those of the customers that exist, by id."""
    values = {"ids": array(customer_ids), "as_of": as_of}
    rows = session.connection().execute(_SUBJECTS, values)
    found = {}
    for key, name, day, *stored in rows:
        found[key] = Subject(key, name, day, Stored(*stored[:3]), Stored(*stored[3:]))
    return found
