"""What the process counts, for Prometheus."""

from math import nan

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api import __version__
from api.asking import Question
from api.event_writer import EventWriter
from db.engine import POOL_OVERFLOW, POOL_SIZE, connections_in_use
from db.queries.queue import Backlog
from services import metrics

router = APIRouter(tags=["service"], include_in_schema=False)

metrics.INFO.labels(__version__).set(1)
metrics.POOL_SIZE.set(POOL_SIZE + POOL_OVERFLOW)


@router.get("/metrics")
async def get_metrics(request: Request) -> Response:
    """In the text format of Prometheus; answers while the database is away, too."""
    question: Question[Backlog | None] = request.app.state.backlog
    waiting = await question.answer()
    metrics.DATABASE_UP.set(waiting is not None)
    metrics.QUEUE_ENTRIES.set(nan if waiting is None else waiting.entries)
    metrics.QUEUE_SECONDS.set(nan if waiting is None else waiting.oldest_seconds)
    metrics.POOL_IN_USE.set(connections_in_use())
    writer: EventWriter = request.app.state.event_writer
    metrics.EVENTS_WAITING.set(writer.waiting)
    return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)
