"""Answers that a client may keep and ask about: ETag, If-None-Match, 304 (RFC 9110, section 13)."""

from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Any

from fastapi import Request, Response

from api.bodies import StrictRoute

UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The answer whose ETag came in If-None-Match still holds."}
}
"""For the documentation of a route that answers so."""

_CACHING = "private, no-cache"  # kept by the client alone, and never used without asking
_SAID_BY_HEADERS = ("link", "x-total-count")
_OF_UNCHANGED = ("cache-control", "etag", "vary", *_SAID_BY_HEADERS)


class RevalidatedRoute(StrictRoute):
    """A route whose successful GET depends on stored data alone, so that its bytes name it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with an ETag on what it answers, or 304 in its place."""
        handler = super().get_route_handler()

        async def revalidated(request: Request) -> Response:
            response = await handler(request)
            if request.method != "GET" or response.status_code != 200:
                return response
            return _unless_unchanged(request, response)

        return revalidated


def _unless_unchanged(request: Request, response: Response) -> Response:
    headers = response.headers
    digest = sha256(bytes(response.body))
    for name in _SAID_BY_HEADERS:
        digest.update(f"\n{headers.get(name, '')}".encode())
    headers["ETag"] = f'"{digest.hexdigest()[:32]}"'
    headers["Cache-Control"] = _CACHING
    if not _holds(request.headers.get("if-none-match", ""), headers["ETag"]):
        return response
    kept = {name: headers[name] for name in _OF_UNCHANGED if name in headers}
    return Response(status_code=304, headers=kept)


def _holds(condition: str, etag: str) -> bool:
    """Whether If-None-Match names the answer; a proxy that compressed it has made it weak."""
    tags = [tag.strip().removeprefix("W/") for tag in condition.split(",")]
    return "*" in tags or etag in tags
