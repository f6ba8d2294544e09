"""Where the API begins, and whether it is well."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api import __version__
from api.asking import Question
from api.documentation import answers
from api.problems import problem, unavailable
from api.readiness import State as DatabaseState

router = APIRouter(tags=["service"])


class Service(BaseModel):
    """What this is, and where to go from here."""

    name: str
    version: str
    links: dict[str, str]


class State(BaseModel):
    """The process lives."""

    status: Literal["ok"] = "ok"


@router.get("/")
def get_root(request: Request) -> Service:
    """Name, version, links."""
    return Service(
        name="Customer Health",
        version=__version__,
        links={
            "dashboard": request.app.state.settings.dashboard_url,
            "customers": "/api/customers",
            "stats": "/api/dashboard/stats",
            "health": "/health",
            "ready": "/health/ready",
            "docs": "/docs",
            "redoc": "/redoc",
            "openapi": "/openapi.json",
        },
    )


@router.get("/health")
async def get_liveness() -> State:
    """The process lives; says nothing of the database."""
    return State()


@router.get("/health/ready", response_model=State, responses=answers(503))
async def get_readiness(request: Request) -> State | Response:
    """Whether requests can be served: the database answers and is migrated."""
    readiness: Question[DatabaseState] = request.app.state.readiness
    state = await readiness.answer()
    if state == "ready":
        return State()
    if state == "unmigrated":
        return problem(
            503,
            "database-unmigrated",
            "The database is not migrated to this version.",
            headers={"Retry-After": "2"},
        )
    return unavailable()
