"""Clients that say nothing, or say it slowly: each is ended, and none stops the others."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Engine, text

from api import crowd, patience
from api.main import create_app
from settings import Settings
from tests.api_server import serving
from tests.support.keys import bearer, make_key
from tests.support.writers import until

pytestmark = pytest.mark.integration

IDLE = 300
HEAD = "POST /api/customers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
TRICKLING = {
    "declared": HEAD + "Content-Length: 1000\r\n\r\n",
    "chunked": HEAD + "Transfer-Encoding: chunked\r\n\r\n",
    "an event": HEAD.replace("customers ", "customers/1/events ") + "Content-Length: 1000\r\n\r\n",
}


@pytest.fixture
def url(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An API that soon loses its patience."""
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.7)
    monkeypatch.setattr(patience, "BODY_SECONDS", 0.7)
    with serving(create_app(Settings())) as address:
        yield address


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def the_rest(connection: socket.socket) -> bytes:
    """What comes until the server hangs up."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def test_idle_connections_stop_nobody_and_end(url: str) -> None:
    with ExitStack() as opened:
        idle = [opened.enter_context(connect(url)) for _ in range(IDLE)]
        for connection in idle[::2]:
            connection.sendall(HEAD.encode())  # half a head
        assert httpx.get(f"{url}/api/customers").status_code == 200
        assert [the_rest(connection) for connection in idle] == [b""] * IDLE
    assert httpx.get(f"{url}/api/customers").status_code == 200


@pytest.mark.parametrize("head", TRICKLING.values(), ids=TRICKLING)
def test_a_body_that_trickles_is_ended(
    url: str, head: str, caplog: pytest.LogCaptureFixture
) -> None:
    with connect(url) as connection:
        connection.sendall(head.encode())
        byte = b"1\r\n \r\n" if "chunked" in head else b" "
        deadline = time.monotonic() + 30
        try:
            while time.monotonic() < deadline:
                connection.sendall(byte)
                time.sleep(0.05)
        except OSError:
            pass
        else:
            pytest.fail("it is read for ever")
    with connect(url) as connection:
        connection.sendall(head.encode() + byte)
        answer = the_rest(connection)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"application/problem+json" in answer
    assert b"urn:customer-health:problem:request-timeout" in answer
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_refused_request_does_not_stay_for_its_body(engine: Engine, url: str) -> None:
    head = TRICKLING["declared"].replace("Host", "X-API-Key: wrong\r\nHost")
    with connect(url) as connection:
        connection.sendall(head.encode())
        assert the_rest(connection).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("end", [b"", b"\r\n"], ids=["one line", "many lines"])
def test_a_head_without_end_is_refused(url: str, end: bytes) -> None:
    with connect(url) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        try:
            for _ in range(100):
                connection.sendall(b"X-Much: " + b"x" * 4000 + end)
        except OSError:
            pass
        answer = the_rest(connection)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
    assert httpx.get(f"{url}/health").status_code == 200


def test_who_is_kept_waiting_by_us_is_not_ended(engine: Engine, url: str) -> None:
    key = bearer(make_key(engine, "write"))
    large = {"name": "x" * 1_000_000}
    with (
        ThreadPoolExecutor(1) as other,
        engine.connect() as connection,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        connection.execute(text("LOCK TABLE api_key IN ACCESS EXCLUSIVE MODE"))
        answer = other.submit(client.post, "/api/customers", json=large, headers=key)
        time.sleep(1.5)  # twice as long as a client may take
        connection.rollback()
        assert answer.result().status_code == 422
        for _ in range(3):  # a connection that is used goes on
            assert client.get("/health").status_code == 200
            time.sleep(0.4)


def test_only_so_many_requests_are_under_way(
    engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "MOST", 5)
    whole = TRICKLING["declared"].encode() + b" " * 1000
    with ExitStack() as opened:
        monkeypatch.setattr(patience, "BODY_SECONDS", 30.0)
        crowding = [opened.enter_context(connect(url)) for _ in range(5)]
        for connection in crowding:
            connection.sendall(whole[:-1])
        until(lambda: httpx.get(f"{url}/api/customers").status_code == 503)
        for path in ("/api/customers", "/metrics", "/nowhere"):
            answer = httpx.get(url + path)
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:customer-health:problem:too-busy"
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["x-request-id"]
        assert httpx.get(f"{url}/health").status_code == 200
        for connection in crowding:
            connection.sendall(whole[-1:])
            assert connection.recv(65536).startswith(b"HTTP/1.1 422 ")
    until(lambda: httpx.get(f"{url}/api/customers").status_code == 200)
