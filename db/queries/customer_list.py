"""The customer list: keyset pages, each a few index ranges whatever the number of customers.

What rarely changes is sorted and filtered by `customer`'s indexes; what every rescore changes by
those of `customer_health`, which each rescore has to write, so there are no more than the three
sorts need (docs/adr/0012). Nulls come last both ways, so a page is customers with a value, then
those without.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from db.queries.list_sources import ITEM, Filters, Source, run, sources


@dataclass(frozen=True)
class SortKey:
    """What PostgreSQL compares, which is what a cursor must hold."""

    expression: str
    type: type
    nullable: bool = True

    @property
    def lasting(self) -> bool:
        """Whether no rescore changes it: sorted by `customer` (c), not `customer_health` (h)."""
        return "c." in self.expression


SORT_KEYS = {
    "overall_score": SortKey("h.overall_score", float),
    "name": SortKey('lower(c.name) COLLATE "C"', str, nullable=False),
    "trend_30d": SortKey("h.trend_30d", float),
    "arr": SortKey("c.arr", Decimal),
    "renewal_date": SortKey("c.renewal_date", date),
    "last_activity_at": SortKey("h.last_activity_at", datetime),
    "created_at": SortKey("c.created_at", datetime, nullable=False),
}


@dataclass(frozen=True)
class _List:
    session: Session
    sources: Sequence[Source]
    key: SortKey

    @property
    def value(self) -> str:
        return self.key.expression

    @property
    def id(self) -> str:
        return "c.id" if self.key.lasting else "h.customer_id"

    def rows(
        self, *parts: tuple[str, str], order: str, limit: int, offset: int = 0, **binds: Any
    ) -> Sequence[Row[Any]]:
        """Items of each part (a condition, and an order of its own) of each source, in order."""
        selects = [
            f"SELECT {ITEM}, {self.value} AS sort_key {source.text} AND {condition}"
            f" ORDER BY {by} LIMIT :enough"
            for source in self.sources
            for condition, by in parts
        ]
        values = binds | {"enough": limit + offset, "limit": limit, "offset": offset}
        return run(self.session, self.sources, _merged(selects, order), values)


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
    valued = _List(
        session, sources(session, filters, now, lasting=key.lasting, by_score=by_score), key
    )
    rows: list[Row[Any]] = []
    if after is None or after[0] is not None:
        part = _descending if descending else _ascending
        rows += part(valued, limit, after, offset)
    if key.nullable and len(rows) < limit:
        rest = _List(
            session, sources(session, filters, now, lasting=key.lasting, by_score=False), key
        )
        behind = after[1] if after is not None and after[0] is None else 0
        if offset and not rows:
            offset -= _count(valued)
        rows += _without_value(rest, limit - len(rows), behind, 0 if rows else offset)
    return rows


def _ascending(
    items: _List, limit: int, after: tuple[Any, int] | None, offset: int
) -> Sequence[Row[Any]]:
    last, last_id = after or (None, 0)
    condition = f"{items.value} IS NOT NULL"
    if after is not None:
        condition = f"({items.value}, {items.id}) > (:last, :last_id)"
    return items.rows(
        (condition, f"{items.value}, {items.id}"),
        order="sort_key, id",
        limit=limit,
        offset=offset,
        last=last,
        last_id=last_id,
    )


def _descending(
    items: _List, limit: int, after: tuple[Any, int] | None, offset: int
) -> Sequence[Row[Any]]:
    """An index that is read backwards has ties in the wrong order, and there may be thousands of
    one value: where the page ends is found first, then each of its parts is a range."""
    rows: list[Row[Any]] = []
    condition, last = f"{items.value} IS NOT NULL", None
    if after is not None:
        last, last_id = after
        tie = (f"{items.value} = :last AND {items.id} > :last_id", items.id)
        rows += items.rows(tie, order="id", limit=limit, last=last, last_id=last_id)
        condition, limit = f"{items.value} < :last", limit - len(rows)
    if limit:
        rows += _downwards(items, condition, last, limit, offset)
    return rows


def _downwards(
    items: _List, condition: str, last: Any, limit: int, offset: int
) -> Sequence[Row[Any]]:
    downwards = f"{items.value} DESC"
    if offset:
        return items.rows(
            (condition, f"{downwards}, {items.id}"),
            order="sort_key DESC, id",
            limit=limit,
            offset=offset,
            last=last,
        )
    edge = items.rows(
        (condition, downwards), order="sort_key DESC", limit=1, offset=limit - 1, last=last
    )
    parts = [(condition, f"{downwards}, {items.id}")]
    if edge:
        above = f"{condition} AND {items.value} > :edge"
        parts = [(above, f"{downwards}, {items.id}"), (f"{items.value} = :edge", items.id)]
    end = edge[0].sort_key if edge else None
    return items.rows(*parts, order="sort_key DESC, id", limit=limit, last=last, edge=end)


def _without_value(items: _List, limit: int, behind: int, offset: int) -> Sequence[Row[Any]]:
    return items.rows(
        # Ordering by the value, null as it is, is what the index offers.
        (f"{items.value} IS NULL AND {items.id} > :behind", f"{items.value}, {items.id}"),
        order="id",
        limit=limit,
        offset=offset,
        behind=behind,
    )


def _count(items: _List) -> int:
    counts = [
        f"SELECT count(*) AS n {source.text} AND {items.value} IS NOT NULL"
        for source in items.sources
    ]
    statement = f"SELECT sum(n)::bigint FROM ({' UNION ALL '.join(counts)}) AS parts"  # noqa: S608
    return int(run(items.session, items.sources, statement, {})[0][0])


def _merged(selects: Sequence[str], order: str) -> str:
    if len(selects) == 1:
        return f"{selects[0].removesuffix('LIMIT :enough')}LIMIT :limit OFFSET :offset"
    union = " UNION ALL ".join(f"({select})" for select in selects)
    return f"SELECT * FROM ({union}) AS parts ORDER BY {order} LIMIT :limit OFFSET :offset"  # noqa: S608
