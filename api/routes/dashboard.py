"""The portfolio in one answer."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.change_examples import MOVERS
from api.documentation import answers, example
from api.examples import STATS
from api.negotiation import prefers_html
from api.revalidation import UNCHANGED, RevalidatedRoute
from db.session import read
from services.change_views import Mover
from services.changes import movers
from services.clock import utc_now
from services.dashboard import stats
from services.views import DashboardStats

router = APIRouter(prefix="/dashboard", tags=["dashboard"], route_class=RevalidatedRoute)


@router.get("/stats", responses=answers(422, ok=example(STATS)) | UNCHANGED)
def get_stats() -> DashboardStats:
    """The portfolio today; churned customers are left out."""
    with read() as session:
        return stats(session, now=utc_now())


@router.get(
    "",
    response_model=DashboardStats,
    responses=answers(422, ok=example(STATS))
    | UNCHANGED
    | {307: {"description": "A browser is sent to the dashboard."}},
)
def get_dashboard(request: Request, response: Response) -> DashboardStats | Response:
    """The same for JSON clients; a browser is sent to the dashboard."""
    if prefers_html(request.headers.get("accept", "")):
        url = request.app.state.settings.dashboard_url
        return RedirectResponse(url, headers={"Vary": "Accept"})
    response.headers["Vary"] = "Accept"
    return get_stats()


@router.get("/movers", responses=answers(422, ok=example(MOVERS)))
def get_movers(
    days: Annotated[int, Query(ge=1, le=90, description="How far back to compare.")] = 7,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> list[Mover]:
    """The customers whose scores moved most, up or down, each with its main reason."""
    with read() as session:
        return movers(session, now=utc_now(), days=days, limit=limit)
