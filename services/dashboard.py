"""The portfolio now: totals, segments and the lowest scores."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from db.queries import customer_list, portfolio
from services.clock import utc_day
from services.customer_filters import CustomerFilters
from services.views import (
    STATUSES,
    CustomerItem,
    DashboardStats,
    SegmentStats,
    StatusCounts,
)

TOP = 5
AT_RISK = ("at_risk", "critical")


def stats(session: Session, *, now: datetime) -> DashboardStats:
    """The portfolio today; customers who have left are not in it."""
    rows = portfolio.by_segment_and_status(session, now=now)
    segments = {row.segment: [r for r in rows if r.segment == row.segment] for row in rows}
    lowest = customer_list.page(
        session,
        filters=CustomerFilters(status=AT_RISK),
        now=now,
        key=customer_list.SORT_KEYS["overall_score"],
        descending=False,
        limit=TOP,
    )
    return DashboardStats(
        as_of=utc_day(now),
        total_customers=sum(row.customers for row in rows),
        average_score=average(rows),
        by_status=count_statuses(rows),
        by_segment={
            segment: SegmentStats(
                customers=sum(row.customers for row in part),
                average_score=average(part),
                by_status=count_statuses(part),
            )
            for segment, part in segments.items()
        },
        arr_total=sum(row.arr for row in rows),
        arr_at_risk=arr_at_risk(rows),
        top_at_risk=[CustomerItem.model_validate(row) for row in lowest],
        calculated_at=max((row.changed_at for row in rows if row.changed_at), default=None),
    )


def average(rows: Iterable[Any]) -> float | None:
    """Mean score over rows that each hold a sum and how many have a score."""
    rows = list(rows)
    scored = sum(row.scored for row in rows)
    return float(sum(row.score_sum for row in rows) / scored) if scored else None


def count_statuses(rows: Iterable[Any]) -> StatusCounts:
    """Customers by status over rows that each hold one status."""
    counts = dict.fromkeys(STATUSES, 0)
    for row in rows:
        counts[row.status] += row.customers
    return StatusCounts(**counts)


def arr_at_risk(rows: Iterable[Any]) -> Any:
    """ARR of at_risk and critical customers."""
    return sum(row.arr for row in rows if row.status in AT_RISK)
