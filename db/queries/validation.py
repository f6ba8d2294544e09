"""What a validation reads besides signals: who was a customer from when to when."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array
from db.tables import Signal

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

# What came in later is not counted. Scoring has these signals too, but reads every source for them.
_LOGINS = text("""
SELECT customer_id, CAST(:day AS date) - max(day) AS days_since,
       COALESCE(sum(n) FILTER (WHERE day > CAST(:day AS date) - :window), 0)::bigint AS now,
       COALESCE(sum(n) FILTER (WHERE day <= CAST(:day AS date) - :window
                               AND day > CAST(:day AS date) - 2 * :window), 0)::bigint AS before
FROM (
    SELECT customer_id, day, counted.n - COALESCE(late.n, 0) AS n
    FROM daily_activity AS counted
    LEFT JOIN (
        SELECT customer_id, day, sum(n) AS n
        FROM late_activity
        WHERE customer_id = ANY(CAST(:ids AS bigint[])) AND signal = :login
              AND received_day > :day
        GROUP BY customer_id, day
    ) AS late USING (customer_id, day)
    WHERE customer_id = ANY(CAST(:ids AS bigint[])) AND signal = :login
          AND day > CAST(:day AS date) - :reach AND day <= :day
) AS known
WHERE n > 0
GROUP BY customer_id
""")


class Life(NamedTuple):
    """The days of a customer: the one it came on, and the one it left on."""

    id: int
    came: date
    gone: date | None


class Logins(NamedTuple):
    """A customer's logins up to a day, by what had come in by its end."""

    customer_id: int
    days_since: int
    now: int
    before: int


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


def logins(
    session: Session, *, customer_ids: Sequence[int], day: date, window: int, reach: int
) -> list[Logins]:
    """Those who logged in within `reach` days: how long ago, and how often in two windows."""
    values: dict[str, Any] = {
        "ids": array(customer_ids),
        "day": day,
        "window": window,
        "reach": reach,
    }
    values["login"] = int(Signal.LOGIN)
    return [Logins(*row) for row in session.connection().execute(_LOGINS, values)]


def names(session: Session, *, customer_ids: Sequence[int]) -> dict[int, Named]:
    """Name, segment, owner and ARR of each of the customers that exist."""
    rows = session.connection().execute(_NAMES, {"ids": array(customer_ids)})
    return {row.id: Named(*row) for row in rows}
