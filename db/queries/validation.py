"""What a validation reads besides signals: who was a customer from when to when."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array

# A sample that stays the same while ids do, and has nothing to do with age.
_LIVES = text("""
SELECT id, (created_at AT TIME ZONE 'UTC')::date AS came,
       (churned_at AT TIME ZONE 'UTC')::date AS gone
FROM customer
WHERE (created_at AT TIME ZONE 'UTC')::date <= :until
      AND (churned_at IS NULL OR (churned_at AT TIME ZONE 'UTC')::date > :since)
ORDER BY hashint8extended(id, 0), id
LIMIT :limit
""")
_FIRST_DAY = text("SELECT min(first_day) FROM connected_source")
_NAMES = text("""
SELECT id, name, segment, owner, arr FROM customer WHERE id = ANY(CAST(:ids AS bigint[]))
""")


class Life(NamedTuple):
    """The days of a customer: the one it came on, and the one it left on."""

    id: int
    came: date
    gone: date | None


class Named(NamedTuple):
    """What a customer is called, and what it pays."""

    id: int
    name: str
    segment: str
    owner: str | None
    arr: Decimal | None


def first_connected_day(session: Session) -> date | None:
    """The first day that any source has told of; None before there is one."""
    found: date | None = session.connection().execute(_FIRST_DAY).scalar_one()
    return found


def lives(session: Session, *, since: date, until: date, limit: int) -> list[Life]:
    """Customers that had come by `until` and had not left by `since`, by id.

    Where there are more than `limit`, a sample of them.
    """
    values = {"since": since, "until": until, "limit": limit}
    rows = session.connection().execute(_LIVES, values)
    return sorted(Life(*row) for row in rows)


def names(session: Session, *, customer_ids: Sequence[int]) -> dict[int, Named]:
    """Name, segment, owner and ARR of each of the customers that exist."""
    rows = session.connection().execute(_NAMES, {"ids": array(customer_ids)})
    return {row.id: Named(*row) for row in rows}
