"""uvicorn's HTTP, with an end to its patience: for clients that don't say what they want.

A connection that sends nothing, a head that never ends and a body that trickles cost a file and
memory each, and would for ever.
"""

import asyncio
import json
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0
"""From a connection's start, or a request's first byte on one that is used again."""
BODY_SECONDS = 60.0
MOST_HEAD = 64 * 1024


class PatientProtocol(HttpToolsProtocol):
    """Ends a connection whose request doesn't arrive in time, or whose head is too large."""

    _timer: asyncio.TimerHandle | None = None
    _in_head = True
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there: its first request must follow."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass on, up to a head's largest size."""
        super().data_received(data)
        self._head_bytes += len(data)
        if self._in_head and self._head_bytes > MOST_HEAD and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "A head may hold up to 64 KB.")

    def on_message_begin(self) -> None:
        """A request's first byte."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        if self._timer is None:
            self._wait(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        """The head is here; where there is a body, it follows."""
        self._in_head = False
        self._wait(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here."""
        self._stop_waiting()
        super().on_message_complete()

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        if self.flow.read_paused:  # it is us who are slow to read
            self._wait(BODY_SECONDS)
        elif self._in_head or self.cycle.response_started:
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The body took too long to arrive.")

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer in the application's stead, and hang up."""
        code = status.phrase.lower().replace(" ", "-")
        problem = {
            "type": f"urn:customer-health:problem:{code}",
            "title": status.phrase,
            "status": int(status),
            "detail": detail,
        }
        body = json.dumps(problem).encode()
        head = (
            f"HTTP/1.1 {int(status)} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
