"""Customers: list, create, read, change, erase."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter
from sqlmodel import Session

from api.actors import By
from api.documentation import LOCATION_HEADER, PAGE_HEADERS, TOTAL_HEADER, answers, example
from api.examples import CUSTOMER
from api.idempotency import IdempotencyKey
from api.links import link_next
from api.params import Cursor, CustomerId, Filters, Limit, Sort
from api.revalidation import UNCHANGED, RevalidatedRoute
from db.session import read, write
from services import customers
from services.clock import utc_now
from services.customer_filters import DEFAULT_SORT
from services.customer_input import CustomerIn, CustomerPatch
from services.idempotency import Answer, once
from services.pagination import DEFAULT_LIMIT
from services.views import CustomerItem

_ITEMS = TypeAdapter(list[CustomerItem])

router = APIRouter(prefix="/customers", tags=["customers"], route_class=RevalidatedRoute)


@router.get(
    "",
    response_model=list[CustomerItem],
    responses=answers(422, ok=example([CUSTOMER], headers=PAGE_HEADERS | TOTAL_HEADER)) | UNCHANGED,
)
def list_customers(
    request: Request,
    response: Response,
    filters: Filters,
    sort: Sort = DEFAULT_SORT,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Customers with their current score. `X-Total-Count` comes with the first page."""
    now = utc_now()
    with read() as session:
        page = customers.list_items(
            session, filters=filters, sort=sort, limit=limit, cursor=cursor, now=now
        )
        total = len(page.items)
        if cursor is None and page.next_cursor is not None:
            total = customers.count_items(session, filters=filters, now=now).customers
    if cursor is None:
        response.headers["X-Total-Count"] = str(total)
    link_next(request, response, page)
    # The items are valid already: FastAPI would check and convert each of them once more.
    content = _ITEMS.dump_json(page.items)
    return Response(content, headers=response.headers, media_type="application/json")


@router.post(
    "",
    status_code=201,
    response_model=CustomerItem,
    responses=answers(409, 413, 415, 422, created=example(CUSTOMER, headers=LOCATION_HEADER)),
)
def create_customer(
    customer: CustomerIn, request: Request, by: By, key: IdempotencyKey = None
) -> Response:
    """Store a customer. It has no score until the scorer has seen it, within a second."""
    now = utc_now()
    place = request.scope["path"].rstrip("/")

    def create(session: Session) -> Answer:
        item = customers.create(session, by=by, customer=customer, now=now)
        location = {"Location": f"{place}/{item.id}"}
        return Answer(item.id, 201, location, item.model_dump_json())

    def create_once(session: Session) -> Answer:
        if key is None:
            return create(session)
        said = customer.model_dump_json(exclude_unset=True)
        return once(session, key=key, request=said, now=now, work=lambda: create(session))

    answer = write(create_once)
    return Response(answer.body, answer.status, answer.headers, media_type="application/json")


@router.get("/{customer_id}", responses=answers(404, 422, ok=example(CUSTOMER)) | UNCHANGED)
def get_customer(customer_id: CustomerId) -> CustomerItem:
    """The list's item."""
    with read() as session:
        return customers.get_item(session, customer_id=customer_id)


@router.patch("/{customer_id}", responses=answers(404, 409, 413, 415, 422, ok=example(CUSTOMER)))
def change_customer(customer_id: CustomerId, changes: CustomerPatch, by: By) -> CustomerItem:
    """Change what the body names; null clears what is optional."""
    now = utc_now()
    return write(
        lambda session: customers.patch(
            session, by=by, customer_id=customer_id, changes=changes, now=now
        )
    )


@router.delete("/{customer_id}", status_code=204, responses=answers(404, 422))
def erase_customer(customer_id: CustomerId, by: By) -> None:
    """Erase the customer with all that hangs on it: for good."""
    write(lambda session: customers.delete(session, by=by, customer_id=customer_id))
