"""Thousands of requests that break every rule: never a 5xx, and no row where one was refused."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from sqlalchemy import Engine

from tests.api_server import running_api
from tests.support.hostile_requests import Raw, requests
from tests.support.hostile_runs import REQUESTS, SEED, watched
from tests.support.keys import bearer, make_key

pytestmark = pytest.mark.contract

QUICK = 600
PATIENCE = 10  # s
LISTS = (
    *(f"/api/customers?sort={sort}" for sort in ("name", "arr", "-overall_score", "renewal_date")),
    *("/api/customers?churned=any&sort=-created_at", "/api/customers?sort=last_activity_at"),
    *(f"/api/customers/1/{kind}" for kind in ("events", "tickets", "invoices")),
)
READS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: str
    content: bytes


def ask(place: tuple[str, int], request: Raw) -> Answer | None:
    """The answer; None where the server closed the connection without one."""
    with socket.create_connection(place, timeout=PATIENCE) as connection:
        with suppress(OSError):  # refused before its end: what was said about it can still be read
            connection.sendall(request.content)
            if not request.whole:
                connection.shutdown(socket.SHUT_WR)
        response = HTTPResponse(connection, method=request.method)
        try:
            response.begin()
            return Answer(response.status, str(response.headers), response.read())
        except (HTTPException, ConnectionResetError):
            return None


class Served(NamedTuple):
    """A running API that wants a key, and what a visitor knows of it."""

    place: tuple[str, int]
    key: str
    customers: list[int]
    cursors: list[tuple[str, str]]
    told: list[str]


@pytest.fixture
def served(engine: Engine, server_env: dict[str, str]) -> Iterator[Served]:
    key = make_key(engine, "read", "write")
    told: list[str] = []
    environment = {**server_env, "API_AUTH": "keys", "LOG_FORMAT": "json"}
    with running_api(environment, told=told) as url:
        with httpx.Client(base_url=url, timeout=30, headers=bearer(key)) as client:
            customers = [add(client, number) for number in range(3)]
            cursors = [(path, cursor(client, path)) for path in LISTS]
        parts = urlsplit(url)
        yield Served((str(parts.hostname), int(parts.port or 0)), key, customers, cursors, told)


def add(client: httpx.Client, number: int) -> int:
    """A customer with two things in every list."""
    company = {"name": f"Acme {number}", "email": f"c{number}@acme.example", "segment": "smb"}
    dated = {"created_at": "2026-01-01T00:00:00Z", "arr": number, "renewal_date": "2027-01-01"}
    customer_id: int = client.post("/api/customers", json=company | dated).json()["id"]
    for amount in (1, 2):
        for event_type, data in (("payment", {"amount": amount}), ("support_ticket", {})):
            event = {"event_type": event_type, "event_data": data}
            client.post(f"/api/customers/{customer_id}/events", json=event).raise_for_status()
    return customer_id


def cursor(client: httpx.Client, path: str) -> str:
    """A real one of this list."""
    following = client.get(path, params=httpx.QueryParams(urlsplit(path).query).add("limit", 1))
    return parse_qs(urlsplit(following.links["next"]["url"]).query)["cursor"][0]


def test_whatever_is_sent_is_answered_and_what_is_refused_leaves_nothing(
    served: Served, engine: Engine, record_property: Callable[[str, object], None]
) -> None:
    tried, refused = 0, 0

    with watched(engine) as stored:

        @seed(SEED)
        @settings(
            max_examples=max(QUICK, REQUESTS * 2 // 3),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(requests(served.key, served.customers, served.cursors))
        def check(request: Raw) -> None:
            nonlocal tried, refused
            tried += 1
            answer = ask(served.place, request)
            changed = stored.changed()
            if answer is None:
                assert not request.whole, "closed without a word"
                assert not changed
                return
            assert answer.status < 500, answer
            assert "x-injected" not in answer.headers.lower()
            assert b"Traceback" not in answer.content
            if answer.status >= 400 or request.method in READS:
                refused += answer.status >= 400
                assert not changed, answer

        check()

    record_property("hostile_requests", tried)
    assert tried >= QUICK
    assert tried / 2 < refused < tried, "some of them should be taken"
    faults = [
        line for line in map(json.loads, served.told[1:]) if line["level"] in {"error", "critical"}
    ]
    assert not faults


def test_the_watch_sees_a_row(engine: Engine, server_env: dict[str, str]) -> None:
    with watched(engine) as stored, running_api(server_env) as url:
        assert not stored.changed()
        with httpx.Client(base_url=url) as client:
            company = {"name": "Acme", "email": "it@acme.example", "segment": "smb"}
            client.post("/api/customers", json=company).raise_for_status()
            assert stored.changed()
            client.patch("/api/customers/1", json={"name": "Other"}).raise_for_status()
            assert stored.changed()
            assert not stored.changed()
