"""A customer's score, explained."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.change_examples import CHANGES
from api.documentation import answers, example
from api.examples import HEALTH
from api.params import AsOf, CustomerId, Known
from db.session import read
from services.change_views import ScoreChanges
from services.changes import customer_changes
from services.clock import utc_now
from services.event_fields import Day
from services.health import customer_health
from services.views import CustomerHealth

router = APIRouter(prefix="/customers", tags=["scores"])


@router.get("/{customer_id}/health", responses=answers(404, 422, ok=example(HEALTH)))
def get_health(
    customer_id: CustomerId,
    as_of: AsOf = None,
    model: Annotated[
        str | None,
        Query(
            max_length=255, description="A published model; default: the one in force on the day."
        ),
    ] = None,
    known: Known = "corrected",
) -> CustomerHealth:
    """The score as of a day, computed now and exact: every factor with its sentence.

    Data may come in after the day that it belongs to. The score as corrected takes it into
    account; the score as known then doesn't. The two agree where nothing came in late.
    """
    with read() as session:
        return customer_health(
            session,
            customer_id=customer_id,
            now=utc_now(),
            as_of=as_of,
            model=model,
            known_then=known == "then",
        )


@router.get("/{customer_id}/health/changes", responses=answers(404, 422, ok=example(CHANGES)))
def get_changes(
    customer_id: CustomerId,
    start: Annotated[
        Day | None, Query(alias="from", description="A UTC day; default a week before `to`.")
    ] = None,
    end: Annotated[
        Day | None, Query(alias="to", description="A UTC day; default today, or the day it left.")
    ] = None,
) -> ScoreChanges:
    """What moved the score from one day to another: the parts add up to the difference.

    Taken in this order: another scoring model on the old facts, another segment, data that
    went missing or came, then each factor's effective weight × difference. Where either score
    is null, `delta` is null and there are no parts. Numbers are unrounded.
    """
    with read() as session:
        return customer_changes(
            session, customer_id=customer_id, now=utc_now(), start=start, end=end
        )
