"""Request bodies: bounded, JSON, and read strictly."""

from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.problems import FieldError, ProblemError
from services.json_input import JsonError, parse_json

MAX_BODY = 5 * 1024 * 1024


class StrictRequest(Request):
    """A request whose JSON is counted while it comes in and parsed without loss."""

    async def body(self) -> bytes:
        """The whole body.

        Raises:
            ProblemError: 413 beyond 5 MB, also when it comes in chunks; 415 when it isn't
                declared as UTF-8 JSON.
        """
        if not hasattr(self, "_body"):
            chunks, size = [], 0
            async for chunk in self.stream():
                size += len(chunk)
                if size > MAX_BODY:
                    raise ProblemError(413, "body-too-large", "A body may hold up to 5 MB.")
                chunks.append(chunk)
            self._body = b"".join(chunks)
            if self._body:
                self._check_media_type()
        return self._body

    async def json(self) -> Any:
        """The body's JSON value.

        Raises:
            ProblemError: 422 when it is not strict JSON.
        """
        try:
            return parse_json(await self.body())
        except JsonError as error:
            detail = FieldError(location="body", field="body", message=str(error))
            raise ProblemError(422, "malformed-json", str(error), [detail]) from None

    def _check_media_type(self) -> None:
        message = Message()
        message["content-type"] = self.headers.get("content-type", "")
        subtype = message.get_content_subtype()
        is_json = message.get_content_maintype() == "application" and (
            subtype == "json" or subtype.endswith("+json")
        )
        charset = str(message.get_param("charset", "utf-8")).lower()
        encoding = self.headers.get("content-encoding", "identity").lower()
        if not is_json or charset not in {"utf-8", "utf8"} or encoding != "identity":
            raise ProblemError(
                415, "unsupported-media-type", "Send application/json in UTF-8, not compressed."
            )


class StrictRoute(APIRoute):
    """A route whose body is a `StrictRequest`'s."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, given the strict request."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict
