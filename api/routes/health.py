"""A customer's score, explained."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.documentation import answers, example
from api.examples import HEALTH
from api.params import AsOf, CustomerId
from db.session import read
from services.clock import utc_now
from services.health import customer_health
from services.views import CustomerHealth

router = APIRouter(prefix="/customers", tags=["scores"])


@router.get("/{customer_id}/health", responses=answers(404, 422, ok=example(HEALTH)))
def get_health(
    customer_id: CustomerId,
    as_of: AsOf = None,
    model: Annotated[
        str | None,
        Query(max_length=255, description="A published model; default: the active one."),
    ] = None,
) -> CustomerHealth:
    """The score as of a day, computed now and exact: every factor with its sentence."""
    with read() as session:
        return customer_health(
            session, customer_id=customer_id, now=utc_now(), as_of=as_of, model=model
        )
