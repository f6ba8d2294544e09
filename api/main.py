"""The REST API: `uvicorn api.main:app`."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.routing import Route

from api import __version__, openapi, problems, rate_limits, readiness
from api.asking import Question
from api.authentication import NEEDS_NO_KEY, Authentication
from api.background import Background
from api.client_address import Proxies
from api.crowd import Crowd
from api.documentation import DESCRIPTION, TAGS
from api.event_writer import EventWriter
from api.faults import Faults
from api.key_lookup import KeyLookup
from api.middleware import HeadLikeGet, ReadableStart
from api.params import refuse_repeated
from api.quick_events import QuickEvents
from api.rate_limits import RateLimit
from api.request_context import RequestContext
from api.route_templates import RouteTemplates
from api.routes import (
    audit,
    bulk,
    customers,
    dashboard,
    events,
    health,
    history,
    metrics,
    models,
    projections,
    root,
    validation,
)
from api.security_headers import SecurityHeaders
from api.turns import TAKES_TURNS, Turns
from db.engine import POOL_OVERFLOW, POOL_SIZE, get_engine
from services import backlog, logs, tracing
from services.scoring_models import ScoringModelError, configured_model
from services.startup import FATAL, describe
from settings import Settings, get_settings

GC_ALLOCATIONS = 50_000
"""New containers between two collections of the youngest: a body of 5,000 events has as many."""
BULK_BODIES = 2
"""Bodies with many events that one process works on; more wait. Each may take much memory."""

MOUNTS = ("/api", "/api/v1")
PARTS = (
    customers,
    health,
    history,
    events,
    bulk,
    projections,
    dashboard,
    models,
    validation,
    audit,
)

log = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Prepare the database and keep scores fresh for as long as the process serves."""
    # A thread for each connection: who has a turn need not wait for one.
    anyio.to_thread.current_default_thread_limiter().total_tokens = POOL_SIZE + POOL_OVERFLOW
    background = Background(app.state.settings)
    traced = tracing.start()
    try:
        await anyio.to_thread.run_sync(background.start)
    except FATAL as error:
        app.state.start_failure = describe(error)
        raise
    except Exception:
        log.exception("the start failed because of a fault of ours")
        app.state.start_failure = "The start failed; the line before says where."
        raise
    if traced:
        tracing.follow(get_engine())
    # What is there now stays: the collector need not look at it again with every large body.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_ALLOCATIONS)
    if notice := NEEDS_NO_KEY.get(app.state.settings.api_needs_key):
        log.warning(notice)
    try:
        yield
    finally:
        await app.state.event_writer.close()
        await app.state.key_lookup.close()
        await anyio.to_thread.run_sync(background.stop)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; mounted under another one it serves, without the lifespan's work.

    Raises:
        SystemExit: with one readable line when a setting is wrong.
    """
    settings = settings or get_settings()
    try:
        configured_model(settings.scoring_model)
    except ScoringModelError as error:
        raise SystemExit(f"Configuration error: {error}") from None
    app = FastAPI(
        title="Customer Health",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=lifespan,
        telemetry={"metrics": False, "logs": False, "operation_spans": False},
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.readiness = Question[readiness.State](readiness.ask, otherwise="away")
    app.state.backlog = Question(backlog.ask, otherwise=None)
    app.state.turns = Turns()
    app.state.event_writer = EventWriter("api", app.state.turns)
    app.state.key_lookup = KeyLookup()
    app.state.bulk_slots = asyncio.Semaphore(BULK_BODIES)
    problems.install(app)
    app.add_middleware(QuickEvents)
    app.add_middleware(RateLimit, rate=settings.rate_of_requests)
    app.add_middleware(Authentication, settings=settings, keys=app.state.key_lookup)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["*"],
        expose_headers=[
            "ETag",
            "Link",
            "X-Total-Count",
            "Retry-After",
            "Location",
            "WWW-Authenticate",
            "X-Request-ID",
            *rate_limits.HEADERS,
        ],
    )
    app.add_middleware(HeadLikeGet)
    app.add_middleware(Faults)
    app.add_middleware(Crowd)
    app.add_middleware(SecurityHeaders)
    proxies = Proxies(settings.trusted_proxies)
    app.add_middleware(RequestContext, routes=_templates(app), proxies=proxies)
    app.add_middleware(ReadableStart)
    app.include_router(root.router)
    app.include_router(metrics.router)
    stable, versioned = MOUNTS
    app.include_router(_api(), prefix=stable)
    app.include_router(_api(), prefix=versioned, include_in_schema=False)
    openapi.describe(app)
    return app


def _api() -> APIRouter:
    router = APIRouter(dependencies=[Depends(refuse_repeated), TAKES_TURNS])
    for part in PARTS:
        router.include_router(part.router)
    return router


def _templates(app: FastAPI) -> RouteTemplates:
    """Of the documentation's pages, which are there before everything else, and of the routers."""
    own = [*app.routes, *root.router.routes, *metrics.router.routes]
    parts = [route for part in PARTS for route in part.router.routes]
    paths = [route.path for route in own if isinstance(route, Route)]
    for mount in MOUNTS:
        paths += [f"{mount}{route.path}" for route in parts if isinstance(route, Route)]
    return RouteTemplates(paths)


logs.configure(get_settings())
app = create_app()
