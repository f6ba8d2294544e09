"""Scores of past days: of one customer, and of the portfolio."""

from datetime import date
from itertools import groupby

from sqlmodel import Session

from db.queries import history as queries
from db.queries import portfolio
from services.customers import require
from services.dashboard import arr_at_risk, average, count_statuses
from services.views import PortfolioDay, SnapshotItem


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


def portfolio_history(session: Session, *, start: date, end: date) -> list[PortfolioDay]:
    """The portfolio on each day from `start` to `end` that has any score, oldest first.

    A customer counts until the day before it left.
    """
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
