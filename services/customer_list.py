"""The customer list: pages, totals and what to filter by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from db.queries import customer_list as queries
from db.queries import customers, list_sources, portfolio
from services.customer_filters import (
    DEFAULT_SORT,
    CustomerFilters,
    check_filters,
    check_sort,
    filters_fingerprint,
)
from services.pagination import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    Page,
    check_limit,
    decode_cursor,
    make_page,
)
from services.views import CustomerItem


@dataclass(frozen=True)
class CustomerTotals:
    """What a filter leaves."""

    customers: int
    arr: Decimal


def list_items(
    session: Session,
    *,
    now: datetime,
    filters: CustomerFilters | None = None,
    sort: str = DEFAULT_SORT,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    offset: int = 0,
) -> Page[CustomerItem]:
    """One page, behind `cursor` or after the first `offset` customers.

    Raises:
        InvalidInput: an unusable filter, sort, limit or cursor.
    """
    filters = filters or CustomerFilters()
    check_filters(session, filters)
    check_sort(sort)
    check_limit(limit)
    key = queries.SORT_KEYS[sort.removeprefix("-")]
    scope = filters_fingerprint(filters, sort)
    rows = queries.page(
        session,
        filters=filters,
        now=now,
        key=key,
        descending=sort.startswith("-"),
        limit=limit + 1,
        after=decode_cursor(cursor, scope, key.type) if cursor else None,
        offset=max(0, offset),
    )
    return make_page(
        rows, limit=limit, item=CustomerItem, scope=scope, key="sort_key", item_id="id"
    )


def all_items(
    session: Session, *, now: datetime, filters: CustomerFilters, sort: str = DEFAULT_SORT
) -> Iterator[CustomerItem]:
    """Every customer that the filters leave, page by page: for exports."""
    cursor: str | None = None
    while True:
        page = list_items(
            session, now=now, filters=filters, sort=sort, limit=MAX_LIMIT, cursor=cursor
        )
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def count_items(
    session: Session, *, now: datetime, filters: CustomerFilters | None = None
) -> CustomerTotals:
    """How many customers the filters leave, and their ARR.

    Raises:
        InvalidInput: an unusable filter.
    """
    filters = filters or CustomerFilters()
    check_filters(session, filters)
    if filters.only_groups:
        customers, arr = portfolio.count(
            session,
            status=filters.status,
            segment=filters.segment,
            churned=filters.churned,
            now=now,
        )
    else:
        customers, arr = list_sources.totals(session, filters=filters, now=now)
    return CustomerTotals(customers=customers, arr=arr)


def owners(session: Session) -> list[str]:
    """Every owner that a customer has, in order."""
    return customers.owners(session)
