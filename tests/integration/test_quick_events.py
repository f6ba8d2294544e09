"""The short way of a single event ends where the route does, which a query string asks for."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, NoReturn

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from api.event_writer import EventWriter
from api.main import create_app
from api.quick_events import QuickEvents
from api.turns import Turns
from services.clock import utc_now
from tests.api_server import serving
from tests.support.customers import add_customers
from tests.support.recount import assert_agrees

pytestmark = pytest.mark.integration

PLAIN: dict[str, Any] = {
    "event_type": "api_call",
    "event_data": {"endpoint": "/v1/orders", "count": 2},
    "event_id": "e-1",
    "timestamp": "2026-05-04T09:30:00.5Z",
}
JSON = {"content-type": "application/json"}


@pytest.fixture
def customers(session: Session) -> list[int]:
    return add_customers(session, 2)


@pytest.fixture
def api(engine: Engine, customers: list[int]) -> Iterator[httpx.Client]:
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def outcome(answer: httpx.Response) -> tuple[int, str, Any]:
    """What is told, without what differs from call to call."""
    body = answer.json()
    if "received_at" in body:
        if body["occurred_at"] == body.pop("received_at"):
            del body["occurred_at"]
        assert type(body.pop("customer_id")) is int
    return answer.status_code, answer.headers["content-type"], body


BODIES: list[Any] = [
    PLAIN,
    PLAIN,
    PLAIN | {"event_id": "e-2", "timestamp": None},
    PLAIN | {"event_id": "e-2", "event_data": {"endpoint": "/v1/orders", "count": 3}},
    PLAIN | {"event_id": "e-3", "timestamp": (utc_now() + timedelta(days=2)).isoformat()},
    PLAIN | {"event_id": "é"},
    PLAIN | {"event_id": ""},
    PLAIN | {"event_id": "e-4", "plan": "gold"},
    PLAIN | {"event_id": "e-4", "customer_id": 1},
    PLAIN | {"event_id": "e-5", "event_data": {"endpoint": "/", "unknown": {"kept": [1.5]}}},
    PLAIN | {"event_id": "e-6", "event_data": {"count": 1}},
    PLAIN | {"event_id": "e-7", "event_type": "payment", "event_data": {"amount": 9.90}},
    {"event_type": "login", "event_id": "e-8", "timestamp": "2026-05-04T11:30:00+02:00"},
    [PLAIN],
    None,
    {},
]


def test_every_answer_is_the_routes(
    api: httpx.Client, session: Session, customers: list[int]
) -> None:
    quick, route = (f"/api/v1/customers/{customer}/events" for customer in customers)
    contents = [
        *(json.dumps(body) for body in BODIES),
        "",
        "{",
        '{"event_type": "login", "a": NaN}',
    ]
    for content in contents:
        answers = [
            api.post(path, content=content, headers=JSON) for path in (quick, f"{route}?by=route")
        ]
        assert outcome(answers[0]) == outcome(answers[1]), content
    session.rollback()
    stored = (
        "SELECT event_id, event_type, nullif(occurred_at, received_at), data, content_hash, source"
        " FROM event"
    )
    rows = [
        session.connection()
        .execute(text(f"{stored} WHERE customer_id = :id ORDER BY event_id"), {"id": customer})
        .all()
        for customer in customers
    ]
    assert rows[0] == rows[1]
    assert [row.event_id for row in rows[0]] == ["e-1", "e-2", "e-5", "e-7", "e-8", "é"]
    assert_agrees(session)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/customers/{unknown}/events", JSON),
        ("/api/customers/0/events", JSON),
        ("/api/customers/99999999999999999999/events", JSON),
        ("/api/customers/{known}/events", {"content-type": "text/plain"}),
        ("/api/customers/{known}/events", {}),
        ("/api/customers/{known}/events", JSON | {"content-encoding": "gzip"}),
        ("/api/customers/{known}/events?a=1&a=2", JSON),
    ],
)
def test_refusals_are_the_routes(
    api: httpx.Client, engine: Engine, customers: list[int], path: str, headers: dict[str, str]
) -> None:
    target = path.format(known=customers[0], unknown=4711)
    answer = api.post(target, content=json.dumps(PLAIN), headers=headers)
    assert answer.status_code in {404, 415, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM event")).scalar_one() == 0


@pytest.mark.parametrize("mount", ["/api", "/api/v1"])
def test_a_plain_event_needs_nothing_else(
    engine: Engine, session: Session, customers: list[int], mount: str
) -> None:
    async def elsewhere(*_: object) -> NoReturn:
        raise AssertionError("passed on")

    async def post() -> list[dict[str, Any]]:
        writer = EventWriter("api", Turns())
        scope = {
            "type": "http",
            "method": "POST",
            "path": f"{mount}/customers/{customers[0]}/events",
            "query_string": b"",
            "headers": [(b"content-length", b"9"), (b"content-type", b"application/json")],
            "app": SimpleNamespace(state=SimpleNamespace(event_writer=writer)),
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": json.dumps(PLAIN).encode()}

        async def send(message: Any) -> None:
            sent.append(message)

        await QuickEvents(elsewhere)(scope, receive, send)
        await writer.close()
        return sent

    start, body = asyncio.run(post())
    assert start["status"] == 201
    assert json.loads(body["body"])["event_id"] == "e-1"
    assert_agrees(session)
