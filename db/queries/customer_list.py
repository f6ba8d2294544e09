"""The customer list: keyset pages, each a few index ranges whatever the number of customers.

What rarely changes is sorted and filtered by `customer`'s indexes; what every rescore changes by
those of `customer_health`, which each rescore has to write, so there are no more than the three
sorts need (docs/adr/0012). Nulls come last both ways, so a page is customers with a value, then
those without.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from db.queries import portfolio
from db.queries.list_rows import ListRows, SortKey
from db.queries.list_scores import Filters, at_most, by_health
from db.queries.list_sources import run, sources

FEW = 5_000
"""So many customers are read and sorted in some milliseconds."""


SORT_KEYS = {
    "overall_score": SortKey("h.overall_score", float),
    "name": SortKey('lower(c.name) COLLATE "C"', str, nullable=False),
    "trend_30d": SortKey("h.trend_30d", float),
    "arr": SortKey("c.arr", Decimal),
    "renewal_date": SortKey("c.renewal_date", date),
    "last_activity_at": SortKey("h.last_activity_at", datetime),
    "created_at": SortKey("c.created_at", datetime, nullable=False),
}


def page(
    session: Session,
    *,
    filters: Filters,
    now: datetime,
    key: SortKey,
    descending: bool,
    limit: int,
    after: tuple[Any, int] | None = None,
    offset: int = 0,
) -> Sequence[Row[Any]]:
    """Up to `limit` items in order, each with its `sort_key`, behind `after` (key, id)."""
    by_score = key is SORT_KEYS["overall_score"]
    places = portfolio.places(session) if by_health(filters) else []

    def listed(by_score: bool) -> ListRows:
        found = sources(filters, places, now, lasting=key.lasting, by_score=by_score)
        return ListRows(session, found, key)

    few = places and not by_score and not key.lasting and at_most(filters, places) <= FEW
    if filters.q or few:
        return _read_whole(listed(by_score=False), descending, limit, after, offset)
    valued = listed(by_score)
    rows: list[Row[Any]] = []
    if after is None or after[0] is not None:
        part = _descending if descending else _ascending
        rows += part(valued, limit, after, offset)
    if key.nullable and len(rows) < limit:
        behind = after[1] if after is not None and after[0] is None else 0
        if offset and not rows:
            offset -= _count(valued)
        rest = listed(by_score=False)
        rows += _without_value(rest, limit - len(rows), behind, 0 if rows else offset)
    return rows


def _read_whole(
    items: ListRows, descending: bool, limit: int, after: tuple[Any, int] | None, offset: int
) -> Sequence[Row[Any]]:
    """Whatever the filters leave, sorted. The planner takes a third of all names to hold any text,
    and scores to have nothing to do with their trend: it would walk through a whole index for what
    hardly anybody has."""
    order = f"sort_key {'DESC' if descending else 'ASC'} NULLS LAST, id"
    last, last_id = after or (None, 0)
    condition = "true"
    if last is not None:
        beyond = f"sort_key {'<' if descending else '>'} :last OR sort_key IS NULL"
        condition = f"({beyond} OR sort_key = :last AND id > :last_id)"
    elif after is not None:
        condition = "sort_key IS NULL AND id > :last_id"
    return items.whole(
        condition, order=order, limit=limit, offset=offset, last=last, last_id=last_id
    )


def _ascending(
    items: ListRows, limit: int, after: tuple[Any, int] | None, offset: int
) -> Sequence[Row[Any]]:
    last, last_id = after or (None, 0)
    condition = f"{items.value} IS NOT NULL"
    if after is not None:
        condition = f"({items.value}, {items.id}) > (:last, :last_id)"
    order = "sort_key, id"
    return items.rows(
        (condition, order), order=order, limit=limit, offset=offset, last=last, last_id=last_id
    )


def _descending(
    items: ListRows, limit: int, after: tuple[Any, int] | None, offset: int
) -> Sequence[Row[Any]]:
    """An index that is read backwards has ties in the wrong order, and there may be thousands of
    one value: those that the page ends in are read once more, in theirs."""
    order = "sort_key DESC, id"
    parts = [(f"{items.value} IS NOT NULL", order if offset else "sort_key DESC")]
    last, last_id = after or (None, 0)
    if after is not None:
        tie = f"{items.value} = :last AND {items.id} > :last_id"
        parts = [(tie, "id"), (f"{items.value} < :last", parts[0][1])]
    rows = items.rows(
        *parts, order=order, limit=limit + 1, offset=offset, last=last, last_id=last_id
    )
    edge = rows[limit].sort_key if len(rows) > limit else None
    if offset or edge is None or edge == last or edge != rows[limit - 1].sort_key:
        return rows[:limit]
    above = [row for row in rows if row.sort_key != edge]
    ties = (f"{items.value} = :edge", "id")
    return [*above, *items.rows(ties, order="id", limit=limit - len(above), edge=edge)]


def _without_value(items: ListRows, limit: int, behind: int, offset: int) -> Sequence[Row[Any]]:
    return items.rows(
        # Ordering by the value, null as it is, is what the index offers.
        (f"{items.value} IS NULL AND {items.id} > :behind", "sort_key, id"),
        order="id",
        limit=limit,
        offset=offset,
        behind=behind,
    )


def _count(items: ListRows) -> int:
    counts = [
        f"SELECT count(*) AS n {source.text} AND {items.value} IS NOT NULL"
        for source in items.sources
    ]
    statement = f"SELECT sum(n)::bigint FROM ({' UNION ALL '.join(counts)}) AS parts"  # noqa: S608
    return int(run(items.session, items.sources, statement, {})[0][0])
