"""What held of a customer since when: its segment, owner and ARR.

A customer without a row has always had what `customer` says. One with rows has its first from
`-infinity` on; the last of them says the same as `customer`.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import columns


class Held(NamedTuple):
    """What counts as of a day."""

    id: int
    segment: str
    owner: str | None
    arr: Decimal | None


_ROWS = """
    unnest(
        CAST(:id AS bigint[]), CAST(:segment AS text[]), CAST(:owner AS text[]),
        CAST(:arr AS numeric[])
    ) AS held(id, segment, owner, arr)
"""
_BASELINE = text(f"""
    INSERT INTO customer_change (customer_id, changed_at, segment, owner, arr)
    SELECT id, '-infinity', segment, owner, arr FROM {_ROWS}
    WHERE NOT EXISTS (SELECT FROM customer_change known WHERE known.customer_id = held.id)
""")  # noqa: S608
# After the one before it, whichever of two that wait for a customer asked its clock first.
_CHANGE = text(f"""
    INSERT INTO customer_change (customer_id, changed_at, segment, owner, arr)
    SELECT held.id, GREATEST(CAST(:now AS timestamptz), last.at + interval '1 microsecond'),
           held.segment, held.owner, held.arr
    FROM {_ROWS}
    JOIN (
        SELECT customer_id, max(changed_at) AS at FROM customer_change
        WHERE customer_id = ANY(CAST(:id AS bigint[])) GROUP BY customer_id
    ) AS last ON last.customer_id = held.id
""")  # noqa: S608


def remember(
    session: Session,
    *,
    before: Mapping[int, Mapping[str, Any]],
    after: Mapping[int, Mapping[str, Any]],
    now: datetime,
) -> None:
    """Note what has changed of these locked customers, by id; `after` may name fewer of them."""
    changed = [_held(key, values) for key, values in after.items()]
    changed = [held for held in changed if held != _held(held.id, before[held.id])]
    if changed:
        connection = session.connection()
        were = [_held(held.id, before[held.id]) for held in changed]
        connection.execute(_BASELINE, columns(were))
        connection.execute(_CHANGE, {**columns(changed), "now": now})


def _held(customer_id: int, values: Mapping[str, Any]) -> Held:
    return Held(customer_id, values["segment"], values["owner"], values["arr"])


HELD_BY_DAY = """(
    SELECT customer_id, segment, owner, arr, since,
           lead(since, 1, 'infinity') OVER (PARTITION BY customer_id ORDER BY changed_at) AS until
    FROM (
        SELECT *, (changed_at AT TIME ZONE 'UTC')::date AS since FROM customer_change
        WHERE {whose}
    ) AS changes
) AS held"""
"""A FROM item: what held from the day `since` to before `until`, which is no day for what was
changed again on its day. `{whose}` limits the customers."""
