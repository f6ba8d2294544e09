"""The audit log: who changed what, when, from where."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.documentation import PAGE_HEADERS, answers, example
from api.examples import AUDIT_ENTRY
from api.links import link_next
from api.params import Bound, Cursor, Limit, lower_bound, upper_bound
from api.permission import NEEDS_ADMIN
from api.revalidation import UNCHANGED, RevalidatedRoute
from db.session import read
from services.audit import Action
from services.audit_reading import AuditFilters, AuditItem, entries_page
from services.pagination import DEFAULT_LIMIT

router = APIRouter(
    prefix="/audit", tags=["audit"], dependencies=[NEEDS_ADMIN], route_class=RevalidatedRoute
)

Exactly = Annotated[str | None, Query(min_length=1, max_length=300)]


@router.get("", responses=answers(422, ok=example([AUDIT_ENTRY], headers=PAGE_HEADERS)) | UNCHANGED)
def list_audit_entries(
    request: Request,
    response: Response,
    action: Action | None = None,
    actor: Exactly = None,
    subject: Annotated[Exactly, Query(examples=["customer:42"])] = None,
    start: Annotated[Bound, Query(alias="from")] = None,
    end: Annotated[Bound, Query(alias="to")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> list[AuditItem]:
    """Changes, newest first; needs the scope `admin`. Events are their own record."""
    filters = AuditFilters(action, actor, subject, lower_bound(start), upper_bound(end))
    with read() as session:
        page = entries_page(session, filters=filters, limit=limit, cursor=cursor)
    link_next(request, response, page)
    return page.items
