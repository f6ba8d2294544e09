"""Scores of past days: of one customer, and of the portfolio."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlmodel import Session

from db.queries import history as queries
from db.queries import portfolio
from services.clock import utc_day
from services.customer_filters import CustomerFilters, check_filters
from services.customers import require
from services.dashboard import arr_at_risk, average, count_statuses
from services.errors import InvalidInput
from services.views import PortfolioDay, SnapshotItem

DEFAULT_DAYS = 90


def day_range(start: date | None, end: date | None, *, now: datetime) -> tuple[date, date]:
    """The days that somebody asks for: up to today, and 90 of them, unless given.

    Raises:
        InvalidInput: they end before they start.
    """
    last = utc_day(now) if end is None else end
    first = last - timedelta(days=DEFAULT_DAYS - 1) if start is None else start
    if first > last:
        raise InvalidInput("from", f"Must not be after `to`, {last.isoformat()}.")
    return first, last


def customer_history(
    session: Session, *, customer_id: int, start: date, end: date
) -> list[SnapshotItem]:
    """The days from `start` to `end` that have a score of this customer, oldest first.

    Raises:
        UnknownCustomer: there is none.
    """
    require(session, customer_id=customer_id)
    rows = queries.of_customer(session, customer_id=customer_id, start=start, end=end)
    return [SnapshotItem.model_validate(row) for row in rows]


def portfolio_history(
    session: Session,
    *,
    start: date,
    end: date,
    segment: Sequence[str] = (),
    owner: Sequence[str] = (),
) -> list[PortfolioDay]:
    """The portfolio on each day from `start` to `end` that has any score, oldest first.

    A customer counts until the day before it left, and with the segment and owner that it
    had on the day.

    Args:
        segment, owner: only who has one of these; empty is everybody.

    Raises:
        InvalidInput: an unknown segment, or text that nobody could have stored.
    """
    check_filters(session, CustomerFilters(segment=tuple(segment), owner=tuple(owner)))
    if segment or owner:
        rows = queries.of_part(session, start=start, end=end, segment=segment, owner=owner)
    else:
        rows = portfolio.days(session, start=start, end=end)
    days = []
    for day, group in groupby(rows, key=lambda row: row.day):
        part = list(group)
        days.append(
            PortfolioDay(
                day=day,
                customers=sum(row.customers for row in part),
                average_score=average(part),
                by_status=count_statuses(part),
                arr_at_risk=arr_at_risk(part),
            )
        )
    return days
