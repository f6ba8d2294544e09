"""Events of many customers in one call."""

import asyncio
import json

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.bodies import StrictRoute, read_json
from api.documentation import BULK_BODY, answers, example
from api.examples import BULK_RECEIPT
from api.problems import unavailable
from db.engine import POOL_SECONDS
from services.bulk import BulkReceipt, record_bulk
from services.bulk_items import BulkIn
from services.clock import utc_now

router = APIRouter(tags=["events"], route_class=StrictRoute)


@router.post(
    "/events",
    response_model=BulkReceipt,
    responses=answers(413, 415, 422, ok=example(BULK_RECEIPT), mixed=example(BULK_RECEIPT)),
    openapi_extra={"requestBody": BULK_BODY},
)
async def post_events(request: Request) -> Response:
    """Record up to 5,000 events of many customers, with a verdict for every item, in order.

    200 says that all are stored, now or before; 207 that some are not: those with the status
    `conflict` or `rejected`, which `rejected` counts. Valid items are stored all the same.
    """
    raw = await request.body()
    slots: asyncio.Semaphore = request.app.state.bulk_slots
    try:
        await asyncio.wait_for(slots.acquire(), POOL_SECONDS)
    except TimeoutError:
        return unavailable()
    try:
        return await run_in_threadpool(_record, raw)
    finally:
        slots.release()


def _record(raw: bytes) -> Response:
    try:
        body = BulkIn.model_validate(read_json(raw))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems = [{**item, "loc": ("body", *item["loc"])} for item in found]
        raise RequestValidationError(problems) from None
    receipt = record_bulk(body.events, source="api", now=utc_now())
    content = json.dumps(receipt, separators=(",", ":"))
    status = 207 if receipt["rejected"] else 200
    return Response(content, status, media_type="application/json")
