"""A cheap load on one HTTP server on this machine: prepared requests over kept connections.

One thread, one `select`, no parsing beyond the status and the length; it says itself how much of
a core it took. Each connection sends its next request when the answer to the last one is in.
"""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

SECONDS = 60.0


class Load(NamedTuple):
    """What came of it."""

    latencies: list[float]
    """Seconds, a request, in the order of the answers."""
    seconds: float
    own_share: float
    """Of one core, taken by the load itself."""

    @property
    def per_second(self) -> float:
        """Requests answered a second."""
        return len(self.latencies) / self.seconds


class _Client:
    """One connection: what it waits for, and since when."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._sent = 0.0

    def send(self, request: bytes) -> None:
        self._buffer, self._sent = b"", time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> float | None:
        """Seconds since the request once the answer is complete."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the server closed a kept connection")
        self._buffer += part
        head, gap, body = self._buffer.partition(b"\r\n\r\n")
        if not gap or len(body) < _length(head):
            return None
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            raise RuntimeError(f"unexpected answer: {self._buffer[:400]!r}")
        return time.perf_counter() - self._sent


def drive(port: int, requests: Sequence[bytes], *, connections: int) -> Load:
    """Send every request once.

    Raises:
        RuntimeError: an answer is neither 200 nor 201.
    """
    waiting = iter(requests)
    latencies: list[float] = []
    with ExitStack() as stack:
        chosen = stack.enter_context(selectors.DefaultSelector())
        cpu, start = time.process_time(), time.perf_counter()
        open_clients = 0
        for _, request in zip(range(connections), waiting, strict=False):
            client = _Client(port)
            stack.callback(client.socket.close)
            chosen.register(client.socket, selectors.EVENT_READ, client)
            client.send(request)
            open_clients += 1
        while open_clients:
            for key, _ in _ready(chosen):
                latency = key.data.receive()
                if latency is None:
                    continue
                latencies.append(latency)
                following = next(waiting, None)
                if following is None:
                    chosen.unregister(key.data.socket)
                    open_clients -= 1
                else:
                    key.data.send(following)
        seconds = time.perf_counter() - start
    return Load(latencies, seconds, (time.process_time() - cpu) / seconds)


def get(path: str) -> bytes:
    """A prepared GET."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """A prepared POST of JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _ready(chosen: selectors.BaseSelector) -> Iterator[tuple[selectors.SelectorKey, int]]:
    ready = chosen.select(SECONDS)
    if not ready:
        raise TimeoutError(f"no answer within {SECONDS:.0f} s")
    return iter(ready)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError(f"an answer without Content-Length: {head!r}")
