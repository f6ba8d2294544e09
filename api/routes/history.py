"""Scores of past days, day by day."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.documentation import answers, example
from api.examples import PORTFOLIO_DAY, SNAPSHOT
from api.params import CustomerId
from api.revalidation import UNCHANGED, RevalidatedRoute
from db.session import read
from services.clock import utc_now
from services.event_fields import Day
from services.history import customer_history, day_range, portfolio_history
from services.views import PortfolioDay, SnapshotItem

router = APIRouter(route_class=RevalidatedRoute)

First = Annotated[
    Day | None, Query(alias="from", description="A UTC day; default 90 days up to `to`.")
]
Last = Annotated[Day | None, Query(alias="to", description="A UTC day; default today.")]


@router.get(
    "/customers/{customer_id}/health/history",
    tags=["scores"],
    responses=answers(404, 422, ok=example([SNAPSHOT])) | UNCHANGED,
)
def get_customer_history(
    customer_id: CustomerId, first: First = None, last: Last = None
) -> list[SnapshotItem]:
    """A customer's score on each day that has one, oldest first, with what made it.

    As corrected: by all that is known today, by the scoring model that was in force on the day,
    for the segment of the day. The history goes back to the first day of the customer, and begins
    at most 540 days before the day on which it was first known.
    """
    now = utc_now()
    start, end = day_range(first, last, now=now)
    with read() as session:
        return customer_history(session, customer_id=customer_id, start=start, end=end)


@router.get(
    "/dashboard/history",
    tags=["dashboard"],
    responses=answers(422, ok=example([PORTFOLIO_DAY])) | UNCHANGED,
)
def get_portfolio_history(
    first: First = None,
    last: Last = None,
    segment: Annotated[list[str], Query(examples=[["smb"]])] = [],  # noqa: B006
    owner: Annotated[list[str], Query()] = [],  # noqa: B006
) -> list[PortfolioDay]:
    """The portfolio on each day that has scores, oldest first.

    Who has left counts until the day before. A segment or an owner means the customers that
    had it on the day, whoever has it now.
    """
    now = utc_now()
    start, end = day_range(first, last, now=now)
    with read() as session:
        return portfolio_history(session, start=start, end=end, segment=segment, owner=owner)
