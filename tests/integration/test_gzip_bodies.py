"""Compressed bodies: as good as plain ones, and never larger than these."""

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from api.bodies import MAX_BODY
from api.gzip_bodies import MAX_MEMBERS, GzipReader, TooLargeError
from api.main import create_app
from tests.api_server import serving
from tests.support.customers import add_customers

pytestmark = pytest.mark.integration

PACKED = {"content-type": "application/json", "content-encoding": "gzip"}
LOGIN = {"event_type": "login", "event_data": {"user_id": "ada"}}


@pytest.fixture
def events(engine: Engine, session: Session) -> Iterator[tuple[httpx.Client, str]]:
    (customer,) = add_customers(session, 1)
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client, f"/api/customers/{customer}/events"


def test_packed_bodies_are_taken_everywhere(events: tuple[httpx.Client, str]) -> None:
    client, path = events
    text = json.dumps(LOGIN).encode()

    def status(body: Any, path: str = path, **headers: str) -> int:
        return client.post(path, content=body, headers=PACKED | headers).status_code

    assert status(gzip.compress(text)) == 201
    assert status(gzip.compress(text), **{"content-encoding": "X-GZIP"}) == 201
    assert status(gzip.compress(text[:9]) + gzip.compress(b"") + gzip.compress(text[9:])) == 201
    assert status(bytes([byte]) for byte in gzip.compress(text)) == 201
    company = {"name": "Packed", "email": "packed@acme.example", "segment": "smb"}
    assert status(gzip.compress(json.dumps(company).encode()), "/api/customers") == 201
    assert status(gzip.compress(json.dumps({"events": []}).encode()), "/api/v1/events") == 200
    assert status(gzip.compress(text), **{"content-type": "text/plain"}) == 415


def test_what_is_no_gzip_is_refused(events: tuple[httpx.Client, str]) -> None:
    client, path = events
    packed = gzip.compress(json.dumps(LOGIN).encode())
    wrong = bytearray(packed)
    wrong[-6] ^= 1  # the checksum
    for body in (
        json.dumps(LOGIN).encode(),
        packed[:-1],
        packed[:5],
        bytes(wrong),
        packed + b"\0",
        packed + packed[:4],
        zlib.compress(b"{}"),
        gzip.compress(b"") * (MAX_MEMBERS + 1),
    ):
        answer = client.post(path, content=body, headers=PACKED)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == "body"


def test_the_limit_is_on_what_it_unpacks_to(events: tuple[httpx.Client, str]) -> None:
    client, path = events
    text = json.dumps(LOGIN).encode()
    full = gzip.compress(text + b" " * (MAX_BODY - len(text)))
    assert client.post(path, content=full, headers=PACKED).status_code == 201
    for bomb in (
        gzip.compress(text + b" " * (MAX_BODY + 1 - len(text))),
        gzip.compress(b" " * 200_000_000, 9),
        gzip.compress(b" " * (MAX_BODY // 2 + 1)) * 2,
    ):
        assert client.post(path, content=bomb, headers=PACKED).status_code == 413


def test_a_bomb_is_never_unpacked() -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            GzipReader(1_000).feed(bomb)
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()
