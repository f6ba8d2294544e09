"""Events that are plainly in order, on the shortest way to the writer.

Routing, parameters and schemas take most of the time of a request that stores one event. A body
that leaves no doubt needs none of them. Every other request, and every refusal, is the route's.
"""

import re
from typing import Any

from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.event_writer import EventWriter
from api.problems import database_failed
from db.embedded import EmbeddedError
from services.event_content import MAX_BYTES
from services.incoming import Stated
from services.json_input import JsonError, parse_json
from services.plain_events import PlainEvents
from services.views import EventReceipt

_PATH = re.compile(r"/api(?:/v1)?/customers/([1-9]\d{0,17})/events", re.ASCII)
_ABSENT: dict[str, Any] = dict.fromkeys(("event_type", "event_data", "timestamp", "event_id"))


class QuickEvents:
    """Records plain events in the route's place."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._plain = PlainEvents()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on whatever isn't plainly an event, or isn't stored."""
        customer_id = _customer(scope)
        if customer_id is None:
            await self._app(scope, receive, send)
            return
        message = await receive()
        event = self._read(message)
        answer = None if event is None else await _record(scope, customer_id, event)
        if answer is None:
            await self._app(scope, _again(message, receive), send)
        else:
            await answer(scope, receive, send)

    def _read(self, message: Message) -> Stated | None:
        raw = message.get("body", b"")
        if message.get("more_body", False) or not 0 < len(raw) <= MAX_BYTES:
            return None
        try:
            envelope = parse_json(raw)
        except JsonError:
            return None
        if type(envelope) is not dict or not envelope.keys() <= _ABSENT.keys():
            return None
        event_type, data, timestamp, event_id = (_ABSENT | envelope).values()
        return self._plain.event(event_type, data, timestamp, event_id)


def receipt_answer(receipt: EventReceipt) -> Response:
    """201 for an event that is new, 200 for one that was already stored."""
    status = 200 if receipt.duplicate else 201
    return Response(receipt.model_dump_json(), status, media_type="application/json")


def _customer(scope: Scope) -> int | None:
    """Whose event a plain request brings."""
    if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"]:
        return None
    found = _PATH.fullmatch(scope["path"])
    if found is None or scope.get("root_path"):
        return None
    types = [value for name, value in scope["headers"] if name.startswith(b"content-")
             and name != b"content-length"]  # fmt: skip
    return int(found[1]) if types == [b"application/json"] else None


async def _record(scope: Scope, customer_id: int, event: Stated) -> Response | None:
    """The answer; None where nothing was stored: the route tries again, and words the refusal."""
    writer: EventWriter = scope["app"].state.event_writer
    try:
        receipt = (await writer.record(customer_id, event)).receipt
    except (SQLAlchemyError, EmbeddedError) as error:
        return await database_failed(Request(scope), error)
    return None if receipt is None else receipt_answer(receipt)


def _again(message: Message, receive: Receive) -> Receive:
    """What was received, and then what follows."""
    first = [message]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay
