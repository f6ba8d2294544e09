"""The list of more customers than are read whole: each filter in each order, as Python sorts it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Row, text
from sqlmodel import Session

from db.queries import totals
from db.queries.customer_list import FEW
from services import customers
from services.customer_filters import SORTS, CustomerFilters

pytestmark = pytest.mark.integration

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
_MANY = 2 * FEW
# Thousands share a value, and one in eleven has none.
_CUSTOMERS = text("""
    INSERT INTO customer (id, external_id, name, email, segment, owner, arr, renewal_date,
        created_at, churned_at)
    SELECT n, 'crm-' || n, (ARRAY['Nova ', 'acme ', 'Zebra '])[1 + n % 3] || n % 50,
           'c' || n || '@example.org', (ARRAY['smb', 'smb', 'enterprise'])[1 + n % 7 % 3],
           (ARRAY['Ada', 'Bo'])[(n + 5) % 30], CASE WHEN n % 11 > 0 THEN n % 4 * 1000 END,
           CASE WHEN n % 11 > 0 THEN date '2026-06-01' + n % 90 END,
           CAST(:now AS timestamptz) - make_interval(hours => n % 3000),
           CASE n % 40 WHEN 0 THEN CAST(:now AS timestamptz)
                       WHEN 1 THEN CAST(:now AS timestamptz) + interval '1 day' END
    FROM generate_series(1, :many) AS n
""")
_SCORES = text("""
    INSERT INTO customer_health (customer_id, external_id, name, email, segment, owner, arr,
        renewal_date, created_at, churned_at, overall_score, status, coverage, factor_scores,
        trend_30d, last_activity_at, calculated_at)
    SELECT id, external_id, name, email, segment, owner, arr, renewal_date, created_at, churned_at,
           score, CASE WHEN score >= 75 THEN 'healthy' WHEN score >= 50 THEN 'at_risk'
                       WHEN score >= 0 THEN 'critical' ELSE 'no_data' END,
           1, '{}', CASE WHEN id % 11 > 0 THEN id * 7 % 101 / 8.0 END,
           CASE WHEN id % 13 > 0 THEN created_at END, :now
    FROM (
        SELECT *, CASE WHEN id % 17 > 0 THEN LEAST(100.0, 40 + id * 31 % 997 / 8.0) END AS score
        FROM customer
    ) AS c
""")
_FILTERS = [
    CustomerFilters(),
    CustomerFilters(churned="any"),
    CustomerFilters(churned="true"),
    CustomerFilters(status=("healthy",)),
    CustomerFilters(status=("critical", "no_data"), segment=("smb",)),
    CustomerFilters(segment=("enterprise", "smb"), min_score=45.0),
    CustomerFilters(owner=("Ada",), max_score=80.0),
    CustomerFilters(q="NOVA 4"),
    CustomerFilters(q="crm-7", status=("at_risk",)),
]


def fits(filters: CustomerFilters, row: Row[Any]) -> bool:
    score, gone = row.overall_score, row.churned_at is not None and row.churned_at <= NOW
    return (
        filters.churned in ("any", "true" if gone else "false")
        and (not filters.status or row.status in filters.status)
        and (not filters.segment or row.segment in filters.segment)
        and (not filters.owner or row.owner in filters.owner)
        and (filters.min_score is None or (score is not None and score >= filters.min_score))
        and (filters.max_score is None or (score is not None and score <= filters.max_score))
        and (not filters.q or filters.q.lower() in f"{row.name}\n{row.external_id}".lower())
    )


def in_order(rows: Sequence[Row[Any]], sort: str) -> tuple[list[int], list[int]]:
    """Ids of those with a value and of those without, the rows being in the order of ids."""
    values = [getattr(row, sort.removeprefix("-")) for row in rows]
    if sort.endswith("name"):
        values = [value.lower().encode() for value in values]
    places = [n for n, value in enumerate(values) if value is not None]
    places.sort(key=values.__getitem__, reverse=sort.startswith("-"))
    without = [rows[n].customer_id for n, value in enumerate(values) if value is None]
    return [rows[n].customer_id for n in places], without


def walk(session: Session, filters: CustomerFilters, sort: str, offset: int) -> list[int]:
    """Three pages: one behind so many, two by cursor."""
    ids: list[int] = []
    cursor = None
    for limit in (5, 10, 20):
        page = customers.list_items(
            session,
            now=NOW,
            filters=filters,
            sort=sort,
            limit=limit,
            cursor=cursor,
            offset=0 if cursor else offset,
        )
        ids += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    return ids


def test_any_filter_in_any_order(session: Session) -> None:
    connection = session.connection()
    connection.execute(_CUSTOMERS, {"now": NOW, "many": _MANY})
    connection.execute(_SCORES, {"now": NOW})
    totals.put_in(session, customer_ids=range(1, _MANY + 1), now=NOW)
    connection.execute(text("ANALYZE customer, customer_health"))
    everybody = connection.execute(text("SELECT * FROM customer_health ORDER BY 1")).all()
    orders = {sort: in_order(everybody, sort) for sort in SORTS}
    for filters in _FILTERS:
        left = {row.customer_id: row.arr or 0 for row in everybody if fits(filters, row)}
        counted = customers.count_items(session, now=NOW, filters=filters)
        assert (counted.customers, counted.arr) == (len(left), sum(left.values())), filters
        for sort, order in orders.items():
            valued, without = ([key for key in part if key in left] for part in order)
            expected = valued + without
            for offset in (0, max(0, len(valued) - 9)):
                ids = walk(session, filters, sort, offset)
                assert ids == expected[offset : offset + 35], (filters, sort, offset)
