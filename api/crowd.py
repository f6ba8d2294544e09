"""Only so many requests at once: who comes beyond that is told to come again."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import RETRY_SECONDS, problem

MOST = 1_000
"""Requests of one process under way: what they hold stays within its memory."""


class Crowd:
    """Answers 503 where too many are under way; `/health` always passes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse at once."""
        if scope["type"] != "http" or is_health(scope):
            await self._app(scope, receive, send)
            return
        if self._under_way >= MOST:
            await _refusal()(scope, receive, send)
            return
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1


def _refusal() -> ASGIApp:
    return problem(
        503,
        "too-busy",
        "Too many requests are under way. Try again shortly.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def is_health(scope: Scope) -> bool:
    """Whether it asks how the process is."""
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path == "/health" or path.startswith("/health/")
