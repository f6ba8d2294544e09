"""What events amount to: a customer's tickets and invoices."""

from fastapi import APIRouter, Request, Response

from api.documentation import PAGE_HEADERS, answers, example
from api.examples import INVOICE, TICKET
from api.links import link_next
from api.params import Cursor, CustomerId, Limit
from api.revalidation import UNCHANGED, RevalidatedRoute
from db.session import read
from services.activity import invoices_page, tickets_page
from services.clock import utc_now
from services.pagination import DEFAULT_LIMIT
from services.views import InvoiceItem, TicketItem

router = APIRouter(prefix="/customers", tags=["events"], route_class=RevalidatedRoute)


@router.get(
    "/{customer_id}/tickets",
    responses=answers(404, 422, ok=example([TICKET], headers=PAGE_HEADERS)) | UNCHANGED,
)
def list_tickets(
    customer_id: CustomerId,
    request: Request,
    response: Response,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> list[TicketItem]:
    """Support tickets, last opened first."""
    with read() as session:
        page = tickets_page(session, customer_id=customer_id, limit=limit, cursor=cursor)
    link_next(request, response, page)
    return page.items


@router.get(
    "/{customer_id}/invoices",
    responses=answers(404, 422, ok=example([INVOICE], headers=PAGE_HEADERS)) | UNCHANGED,
)
def list_invoices(
    customer_id: CustomerId,
    request: Request,
    response: Response,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> list[InvoiceItem]:
    """Invoices, last due first; days late as of today."""
    with read() as session:
        page = invoices_page(
            session, customer_id=customer_id, now=utc_now(), limit=limit, cursor=cursor
        )
    link_next(request, response, page)
    return page.items
