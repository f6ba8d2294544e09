"""What makes a browser treat answers as data: not run, framed, guessed at or kept."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EVERYWHERE = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
_DATA = b"default-src 'none'; frame-ancestors 'none'"
# /docs and /redoc: their scripts and styles come from the address that FastAPI names.
_DOCUMENTATION = (
    b"default-src 'self'; script-src 'unsafe-inline' https:; style-src 'unsafe-inline' https:;"
    b" img-src https: data:; font-src https:; worker-src blob:; object-src 'none';"
    b" base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class SecurityHeaders:
    """Adds them to every answer, also to one about a fault."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add the headers on the way back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                policy = _DOCUMENTATION if _is_page(headers) else _DATA
                headers += [*_EVERYWHERE, (b"content-security-policy", policy)]
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))  # it is one caller's alone
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, with_headers)


def _is_page(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/html")
        for name, value in headers
    )
