"""Request bodies: bounded, JSON, and read strictly."""

from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.gzip_bodies import GzipError, GzipReader, TooLargeError
from api.problems import FieldError, ProblemError
from services.json_input import JsonError, parse_json

MAX_BODY = 5 * 1024 * 1024
GZIP_NAMES = {"gzip", "x-gzip"}


class StrictRequest(Request):
    """A request whose JSON is counted while it comes in and parsed without loss."""

    async def body(self) -> bytes:
        """The whole body, unpacked where it comes as gzip.

        Raises:
            ProblemError: 413 beyond 5 MB, also when it comes in chunks or unpacks to more;
                415 when it isn't declared as UTF-8 JSON, plain or as gzip; 422 when it is
                declared as gzip and isn't.
        """
        if not hasattr(self, "_body"):
            try:
                self._body = await self._read()
            except TooLargeError:
                raise ProblemError(413, "body-too-large", "A body may hold up to 5 MB.") from None
            except GzipError as error:
                raise malformed("malformed-gzip", str(error)) from None
        return self._body

    async def json(self) -> Any:
        """The body's JSON value.

        Raises:
            ProblemError: 422 when it is not strict JSON.
        """
        return read_json(await self.body())

    async def _read(self) -> bytes:
        chunks, size = [], 0
        gzip = GzipReader(MAX_BODY) if self._encoding() in GZIP_NAMES else None
        async for chunk in self.stream():
            size += len(chunk)  # as it comes: a stream may be long and unpack to nothing
            if size > MAX_BODY:
                raise TooLargeError
            chunks.append(chunk if gzip is None else gzip.feed(chunk))
        if gzip is not None:
            gzip.finish()
        if size:
            self._check_media_type()
        return b"".join(chunks)

    def _encoding(self) -> str:
        return self.headers.get("content-encoding", "identity").strip().lower()

    def _check_media_type(self) -> None:
        message = Message()
        message["content-type"] = self.headers.get("content-type", "")
        subtype = message.get_content_subtype()
        is_json = message.get_content_maintype() == "application" and (
            subtype == "json" or subtype.endswith("+json")
        )
        charset = str(message.get_param("charset", "utf-8")).lower()
        encoded = self._encoding() in {"identity", *GZIP_NAMES}
        if not is_json or charset not in {"utf-8", "utf8"} or not encoded:
            raise ProblemError(
                415, "unsupported-media-type", "Send application/json in UTF-8, plain or as gzip."
            )


def read_json(raw: bytes) -> Any:
    """The JSON value of a body.

    Raises:
        ProblemError: 422 when it is not strict JSON.
    """
    try:
        return parse_json(raw)
    except JsonError as error:
        raise malformed("malformed-json", str(error)) from None


def malformed(code: str, reason: str) -> ProblemError:
    """The refusal of a body that can't be read."""
    detail = FieldError(location="body", field="body", message=reason)
    return ProblemError(422, code, reason, [detail])


class StrictRoute(APIRoute):
    """A route whose body is a `StrictRequest`'s."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, given the strict request."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict
