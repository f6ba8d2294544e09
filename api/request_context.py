"""What every request has: an id, an address, a line in the log, and its place in the metrics."""

import logging
import os
import re
from time import perf_counter

from opentelemetry.trace import get_current_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.client_address import Proxies
from api.request_metrics import count, is_single_event
from api.route_templates import UNMATCHED, RouteTemplates
from services.current_request import CurrentRequest, current_request

HEADER = b"x-request-id"
SLOW_SECONDS = 1.0
"""From here on a request is told of even where quick ones aren't."""
# Ids as proxies make them. No dot, underscore, @ or space, and a digit: neither a key nor a
# token, an address or a name that a client puts there gets into the log.
_SANE = re.compile(rb"(?=[A-Za-z-]*[0-9])[A-Za-z0-9-]{1,64}")
_PROBES = ("/health", "/health/ready", "/metrics")
_NOT_ANSWERED = 499
"""What nginx counts where the client was gone before the answer."""

log = logging.getLogger("api.requests")


class RequestContext:
    """Gives each request its id: the client's `X-Request-ID` where it is sane, else one of ours.

    It is in `scope["state"]["request_id"]`, in the answer, and in every line of the log. Where the
    request comes from is in `scope["state"]["client_address"]`, and in none.
    """

    def __init__(self, app: ASGIApp, *, routes: RouteTemplates, proxies: Proxies) -> None:
        self._app, self._routes, self._proxies = app, routes, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and tell what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        request_id = _given(scope) or os.urandom(16).hex()
        address = self._proxies.resolve(scope)
        request = CurrentRequest(request_id, address)
        scope.setdefault("state", {}).update(request_id=request_id, client_address=address)
        header = (HEADER, request_id.encode())
        route = self._routes.of(scope["path"].removeprefix(scope.get("root_path", "")))
        status = _NOT_ANSWERED

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
                _name_span(scope["method"], route)
            await send(message)

        token = current_request.set(request)
        try:
            await self._app(scope, receive, named)
        finally:
            _tell(scope["method"], route, request, status, perf_counter() - started)
            current_request.reset(token)


def _tell(method: str, route: str, request: CurrentRequest, status: int, seconds: float) -> None:
    count(method, route, status, request.problem, seconds)
    level = _level(method, route, status, seconds)
    if log.isEnabledFor(level):
        ms = round(seconds * 1000, 1)
        fields = {"method": method, "route": route, "status": status, "ms": ms}
        if request.problem is not None:
            fields["problem"] = request.problem
        log.log(level, "%s %s %d in %.1f ms", method, route, status, ms, extra={"fields": fields})


def _name_span(method: str, route: str) -> None:
    """FastAPI names a request's span when it routes, which the short way of events never does."""
    span = get_current_span()
    if route != UNMATCHED and span.is_recording():
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)


def _level(method: str, route: str, status: int, seconds: float) -> int:
    """Failures and slow answers always matter; probes, and events that are stored, hardly ever."""
    if status >= 500 or seconds >= SLOW_SECONDS:
        return logging.WARNING
    if status < 400 and (route in _PROBES or is_single_event(method, route)):
        return logging.DEBUG
    return logging.INFO


def _given(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == HEADER:
            return value.decode() if _SANE.fullmatch(value) else None
    return None
