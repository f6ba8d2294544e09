"""The customer list: filters, sorts and keyset pages on `customer_health`.

Every sort is an index (see `db.tables.CustomerHealth`). Nulls come last both
ways, which no single index scan gives when descending, so a page is the rows
with a value, then those without: each part is a range scan.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement, Row, Select, collate, func, or_, select
from sqlmodel import Session

from db.tables import CustomerHealth

Churned = Literal["false", "true", "any"]

health = CustomerHealth.metadata.tables["customer_health"].c

ITEM_COLUMNS = (
    health.customer_id.label("id"),
    health.external_id,
    health.name,
    health.email,
    health.segment,
    health.owner,
    health.arr,
    health.renewal_date,
    health.created_at,
    health.churned_at,
    health.overall_score,
    health.status,
    health.coverage,
    health.trend_30d,
    health.last_activity_at,
    health.calculated_at,
)


@dataclass(frozen=True)
class SortKey:
    """What PostgreSQL compares, which is what a cursor must hold."""

    expression: ColumnElement[Any]
    type: type
    nullable: bool = True


SORT_KEYS = {
    "overall_score": SortKey(health.overall_score, float),
    "name": SortKey(collate(func.lower(health.name), "C"), str, nullable=False),
    "trend_30d": SortKey(health.trend_30d, float),
    "arr": SortKey(health.arr, Decimal),
    "renewal_date": SortKey(health.renewal_date, date),
    "last_activity_at": SortKey(health.last_activity_at, datetime),
    "created_at": SortKey(health.created_at, datetime, nullable=False),
}


class Filters(Protocol):
    """What a list is narrowed by; see `services.customer_filters.CustomerFilters`."""

    @property
    def status(self) -> tuple[str, ...]: ...
    @property
    def segment(self) -> tuple[str, ...]: ...
    @property
    def owner(self) -> tuple[str, ...]: ...
    @property
    def q(self) -> str | None: ...
    @property
    def min_score(self) -> float | None: ...
    @property
    def max_score(self) -> float | None: ...
    @property
    def churned(self) -> str: ...


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
    items = select(*ITEM_COLUMNS, key.expression.label("sort_key")).where(*_where(filters, now))
    if offset:
        return _run(session, _all_parts(items, key, descending).limit(limit).offset(offset))
    rows: list[Row[Any]] = []
    if after is None or after[0] is not None:
        rows += _run(session, _with_value(items, key, descending, after).limit(limit))
    if key.nullable and len(rows) < limit:
        behind = after[1] if after is not None and after[0] is None else None
        rows += _run(session, _without_value(items, key, behind).limit(limit - len(rows)))
    return rows


def totals(session: Session, *, filters: Filters, now: datetime) -> tuple[int, Decimal]:
    """How many customers the filters leave, and their ARR."""
    statement = select(func.count(), func.coalesce(func.sum(health.arr), 0)).where(
        *_where(filters, now)
    )
    count, arr = session.connection().execute(statement).one()
    return count, Decimal(arr)


def present(now: datetime) -> ColumnElement[bool]:
    """Whether a customer has not left by now."""
    return or_(health.churned_at.is_(None), health.churned_at > now)


def owners(session: Session) -> list[str]:
    """Every owner that a customer has, in order."""
    name = collate(func.lower(health.owner), "C")
    statement = (
        select(health.owner)
        .where(health.owner.is_not(None))
        .group_by(health.owner)
        .order_by(name, health.owner)
    )
    return list(session.connection().execute(statement).scalars())


def existing_segments(session: Session, *, segments: Sequence[str]) -> list[str]:
    """Those of the segments that some customer has."""
    if not segments:
        return []
    statement = select(health.segment).where(health.segment.in_(segments)).distinct()
    return list(session.connection().execute(statement).scalars())


def _run(session: Session, statement: Select[Any]) -> Sequence[Row[Any]]:
    return session.connection().execute(statement).all()


def _with_value(
    items: Select[Any], key: SortKey, descending: bool, after: tuple[Any, int] | None
) -> Select[Any]:
    value = key.expression
    if key.nullable:
        items = items.where(value.is_not(None))
    if after is not None:
        last, last_id = after
        ahead = value < last if descending else value > last
        # The bound is said again without the tie so that it limits the index range.
        bound = value <= last if descending else value >= last
        items = items.where(bound, or_(ahead, health.customer_id > last_id))
    return items.order_by(value.desc() if descending else value, health.customer_id)


def _without_value(items: Select[Any], key: SortKey, behind: int | None) -> Select[Any]:
    items = items.where(key.expression.is_(None))
    if behind is not None:
        items = items.where(health.customer_id > behind)
    return items.order_by(health.customer_id)


def _all_parts(items: Select[Any], key: SortKey, descending: bool) -> Select[Any]:
    value = key.expression
    order = value.desc() if descending else value.asc()
    return items.order_by(order.nulls_last(), health.customer_id)


def _where(filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, values in (
        (health.status, filters.status),
        (health.segment, filters.segment),
        (health.owner, filters.owner),
    ):
        if values:
            conditions.append(column.in_(values))
    if filters.churned != "any":
        conditions.append(~present(now) if filters.churned == "true" else present(now))
    if filters.min_score is not None:
        conditions.append(health.overall_score >= filters.min_score)
    if filters.max_score is not None:
        conditions.append(health.overall_score <= filters.max_score)
    if filters.q:
        conditions.append(_contains(filters.q))
    return conditions


def _contains(text: str) -> ColumnElement[bool]:
    columns = (health.name, health.email, health.external_id)
    needle = func.lower(text)
    return or_(*(func.strpos(func.lower(column), needle) > 0 for column in columns))
