"""Events of one customer: record, and read back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.documentation import PAGE_HEADERS, answers, example
from api.event_writer import EventWriter
from api.examples import EVENT, RECEIPT
from api.links import link_next
from api.params import Bound, Cursor, CustomerId, Limit, lower_bound, upper_bound
from api.quick_events import receipt_answer
from api.revalidation import UNCHANGED, RevalidatedRoute
from db.session import read
from services.activity import events_page
from services.events import EventIn, EventType
from services.incoming import stated
from services.ingest import receipt_of
from services.pagination import DEFAULT_LIMIT
from services.views import EventItem, EventReceipt

router = APIRouter(prefix="/customers", tags=["events"], route_class=RevalidatedRoute)


@router.post(
    "/{customer_id}/events",
    status_code=201,
    response_model=EventReceipt,
    responses=answers(
        404,
        409,
        413,
        415,
        422,
        created=example(RECEIPT),
        ok=example(RECEIPT | {"duplicate": True}) | {"model": EventReceipt},
    ),
)
async def post_event(customer_id: CustomerId, event: EventIn, request: Request) -> Response:
    """Record an event; 201 means durable. The same event_id again answers 200."""
    writer: EventWriter = request.app.state.event_writer
    receipt = receipt_of(await writer.record(customer_id, stated(event)))
    return receipt_answer(receipt)


@router.get(
    "/{customer_id}/events",
    responses=answers(404, 422, ok=example([EVENT], headers=PAGE_HEADERS)) | UNCHANGED,
)
def list_events(
    customer_id: CustomerId,
    request: Request,
    response: Response,
    event_type: EventType | None = None,
    start: Annotated[Bound, Query(alias="from")] = None,
    end: Annotated[Bound, Query(alias="to")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> list[EventItem]:
    """Events, newest first, from `from` on; `to` includes a day and excludes a timestamp."""
    with read() as session:
        page = events_page(
            session,
            customer_id=customer_id,
            event_type=event_type,
            start=lower_bound(start),
            end=upper_bound(end),
            limit=limit,
            cursor=cursor,
        )
    link_next(request, response, page)
    return page.items
