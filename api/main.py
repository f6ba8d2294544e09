"""The REST API: `uvicorn api.main:app`."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from api import __version__, openapi, problems
from api.authentication import NEEDS_NO_KEY, Authentication
from api.background import Background
from api.documentation import DESCRIPTION, TAGS
from api.event_writer import EventWriter
from api.key_lookup import KeyLookup
from api.middleware import HeadLikeGet, ReadableStart
from api.params import refuse_repeated
from api.quick_events import QuickEvents
from api.readiness import Readiness
from api.routes import bulk, customers, dashboard, events, health, projections, root
from api.turns import TAKES_TURNS, Turns
from db.engine import POOL_OVERFLOW, POOL_SIZE
from services.scoring_models import ScoringModelError, configured_model
from services.startup import FATAL, describe
from settings import Settings, get_settings

GC_ALLOCATIONS = 50_000
"""New containers between two collections of the youngest: a body of 5,000 events has as many."""
BULK_BODIES = 2
"""Bodies with many events that one process works on; more wait. Each may take much memory."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Prepare the database and keep scores fresh for as long as the process serves."""
    # A thread for each connection: who has a turn need not wait for one.
    anyio.to_thread.current_default_thread_limiter().total_tokens = POOL_SIZE + POOL_OVERFLOW
    background = Background(app.state.settings)
    try:
        await anyio.to_thread.run_sync(background.start)
    except FATAL as error:
        app.state.start_failure = describe(error)
        raise
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
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.readiness = Readiness()
    app.state.turns = Turns()
    app.state.event_writer = EventWriter("api", app.state.turns)
    app.state.key_lookup = KeyLookup()
    app.state.bulk_slots = asyncio.Semaphore(BULK_BODIES)
    problems.install(app)
    app.add_middleware(QuickEvents)
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
        ],
    )
    app.add_middleware(HeadLikeGet)
    app.add_middleware(ReadableStart)
    app.include_router(root.router)
    app.include_router(_api(), prefix="/api")
    app.include_router(_api(), prefix="/api/v1", include_in_schema=False)
    openapi.describe(app)
    return app


def _api() -> APIRouter:
    router = APIRouter(dependencies=[Depends(refuse_repeated), TAKES_TURNS])
    for part in (customers, health, events, bulk, projections, dashboard):
        router.include_router(part.router)
    return router


app = create_app()
