"""What stands around the routes: HEAD for every GET, and a start that fails in one line."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

START_FAILED = "lifespan.startup.failed"


class HeadLikeGet:
    """Answers HEAD as GET, without the body (RFC 9110, section 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything but HEAD."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, headers_only)


class ReadableStart:
    """Tells the server why a start failed as `app.state.start_failure` says, where that is known.

    Starlette would send the whole traceback, of which an operator needs the last line.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything but a failed start's message."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def in_one_line(message: Message) -> None:
            failure = getattr(scope["app"].state, "start_failure", None)
            if message["type"] == START_FAILED and failure is not None:
                message = {**message, "message": failure}
            await send(message)

        await self._app(scope, receive, in_one_line)
