"""Faults of ours: told in the log, and answered like any other request."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import unexpected

log = logging.getLogger(__name__)


class Faults:
    """Answers 500 where nothing else did.

    Starlette has the same outside of every middleware, where the answer would lack their headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; an answer that has begun can't be mended, so the server ends it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if begun:
                raise
            log.exception("a request failed because of a fault of ours")
            await unexpected()(scope, receive, send)
