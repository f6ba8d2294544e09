"""POST /api/events: a verdict for every item, and every valid item stored."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from api.main import create_app
from services.bulk_items import MAX_ITEMS
from services.bulk_reading import ONE_CUSTOMER
from services.clock import utc_now
from tests.api_server import serving
from tests.support.recount import assert_agrees

pytestmark = pytest.mark.integration

LOGIN: dict[str, Any] = {"event_type": "login", "event_data": {"user_id": "ada"}}
ONE = {**LOGIN, "customer_id": 1}


@pytest.fixture
def api(engine: Engine) -> Iterator[httpx.Client]:
    """Two customers: 1 with the external_id crm-1, and 2."""
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        for number, name in enumerate(({"external_id": "crm-1"}, {}), 1):
            body = {"name": "x", "email": f"c{number}@acme.example", "segment": "smb", **name}
            assert client.post("/api/customers", json=body).json()["id"] == number
        yield client


def post(api: httpx.Client, *items: Any) -> tuple[int, dict[str, Any]]:
    content = json.dumps({"events": items})  # ASCII: it carries even a lone surrogate
    headers = {"content-type": "application/json"}
    answer = api.post("/api/events", content=content, headers=headers)
    body = answer.json()
    results = body["results"]
    assert [result["index"] for result in results] == list(range(len(items)))
    statuses = [result["status"] for result in results]
    assert body["accepted"] == statuses.count("accepted")
    assert body["duplicates"] == statuses.count("duplicate")
    assert body["rejected"] == len(items) - body["accepted"] - body["duplicates"]
    assert answer.status_code == (207 if body["rejected"] else 200)
    assert all((r["error"] is None) == (r["status"] in {"accepted", "duplicate"}) for r in results)
    return answer.status_code, body


def statuses(body: dict[str, Any]) -> list[str]:
    return [result["status"] for result in body["results"]]


def stored(engine: Engine) -> int:
    with engine.connect() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM event")).scalar_one()
        return count


def test_every_item_gets_its_verdict(api: httpx.Client, engine: Engine, session: Session) -> None:
    assert post(api, {**ONE, "event_id": "old"})[0] == 200
    status, body = post(
        api,
        {**ONE, "event_id": "a"},
        {**LOGIN, "external_id": "crm-1", "event_id": "a"},
        {**LOGIN, "customer_id": 1.0, "event_id": "old", "external_id": None},
        {**ONE, "event_id": "a", "event_data": {"user_id": "bob"}},
        {**ONE, "customer_id": 2, "event_id": "a"},
        {**ONE, "customer_id": 3},
        {**LOGIN, "external_id": "crm-3", "event_id": "lost"},
        ONE,
    )
    assert status == 207
    assert statuses(body) == [
        "accepted",
        "duplicate",
        "duplicate",
        "conflict",
        "accepted",
        "rejected",
        "rejected",
        "accepted",
    ]
    results = body["results"]
    assert [r["event_id"] for r in results[:7]] == ["a", "a", "old", "a", "a", None, "lost"]
    assert results[7]["event_id"][14] == "7"  # a UUIDv7
    assert [r["error"] for r in results[3:7]] == [
        "Event a is already stored with other content.",
        None,
        "customer_id: There is no customer 3.",
        "external_id: There is no customer with the external_id crm-3.",
    ]
    assert stored(engine) == 4
    with engine.connect() as connection:
        sources = connection.execute(text("SELECT DISTINCT source FROM event")).scalars().all()
    assert sources == ["api"]
    assert_agrees(session)


def deep(levels: int) -> Any:
    return {"a": deep(levels - 1)} if levels else 1


BAD: list[tuple[Any, str]] = [
    (5, "object"),
    (None, "object"),
    ([], "object"),
    ({}, "event_type"),
    (LOGIN, ONE_CUSTOMER),
    ({**ONE, "external_id": "crm-1"}, ONE_CUSTOMER),
    ({**ONE, "customer_id": None}, ONE_CUSTOMER),
    ({**ONE, "customer_id": "1"}, "customer_id: "),
    ({**ONE, "customer_id": True}, "customer_id: "),
    ({**ONE, "customer_id": 1.5}, "customer_id: "),
    ({**ONE, "customer_id": 10**30}, "customer_id: "),
    ({**ONE, "customer_id": 0}, "customer_id: "),
    ({**LOGIN, "external_id": ""}, "external_id: "),
    ({**LOGIN, "external_id": "\ud800"}, "external_id contains a lone surrogate"),
    ({**LOGIN, "external_id": "x" * 256}, "external_id: "),
    ({**ONE, "event_type": "logout"}, "event_type: "),
    ({**ONE, "plan": 1}, "plan: "),
    ({**ONE, "event_id": ""}, "event_id: "),
    ({**ONE, "event_id": "\0"}, "event_id contains a NUL"),
    ({**ONE, "timestamp": 5}, "timestamp: "),
    ({**ONE, "timestamp": (utc_now() + timedelta(days=3)).isoformat()}, "timestamp: "),
    ({**ONE, "event_data": 5}, "event_data: "),
    ({**ONE, "event_data": {"session_seconds": -1}}, "event_data.session_seconds: "),
    ({**ONE, "event_data": {"x": "y" * 33_000}}, "Event is larger than 32 KB"),
    ({**ONE, "event_data": deep(10)}, "nested deeper"),
    ({"customer_id": 1, "event_type": "payment", "event_data": {}}, "event_data.amount: "),
]


def test_a_bad_item_is_rejected_and_its_neighbours_are_not(
    api: httpx.Client, engine: Engine
) -> None:
    items = [item for bad, _ in BAD for item in (bad, ONE)]
    _, body = post(api, *items)
    assert statuses(body) == ["rejected", "accepted"] * len(BAD)
    for result, (_, reason) in zip(body["results"][::2], BAD, strict=True):
        assert reason in result["error"], result
    assert stored(engine) == len(BAD)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        (5, "body"),
        (None, "body"),
        ({}, "events"),
        ({"events": {}}, "events"),
        ({"events": None}, "events"),
        ({"events": [ONE], "atomic": True}, "atomic"),
        ({"events": [ONE] * (MAX_ITEMS + 1)}, "events"),
    ],
)
def test_a_wrong_envelope_is_refused_as_a_whole(
    api: httpx.Client, engine: Engine, body: Any, field: str
) -> None:
    answer = api.post("/api/v1/events", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert stored(engine) == 0


def test_a_full_body_and_an_empty_one(api: httpx.Client, engine: Engine, session: Session) -> None:
    assert post(api)[1]["results"] == []
    items = [{**ONE, "event_id": f"e{number % 4_000}"} for number in range(MAX_ITEMS)]
    assert statuses(post(api, *items)[1]) == ["accepted"] * 4_000 + ["duplicate"] * 1_000
    assert statuses(post(api, *items)[1]) == ["duplicate"] * MAX_ITEMS
    assert_agrees(session)


def test_numbers_are_not_rounded_on_the_way(api: httpx.Client, session: Session) -> None:
    text_ = '{"events": [{"customer_id": 1, "event_type": "login", "event_data": {"x": %s}}]}'
    number = "0.10000000000000000000000001"
    answer = api.post(
        "/api/events", content=text_ % number, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 200
    found = session.connection().execute(text("SELECT data->>'x' FROM event")).scalar_one()
    assert found == number


def test_an_item_that_the_database_refuses_is_alone_in_that(
    api: httpx.Client, engine: Engine, session: Session
) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE event ADD CHECK (event_id <> 'poison')"))
    items = [{**ONE, "event_id": f"e{number}"} for number in range(9)]
    _, body = post(api, *items[:6], {**ONE, "event_id": "poison"}, *items[6:])
    assert statuses(body) == ["accepted"] * 6 + ["rejected"] + ["accepted"] * 3
    assert "can't be stored" in body["results"][6]["error"]
    assert stored(engine) == 9
    assert_agrees(session)


def test_json_is_what_answers_are(api: httpx.Client) -> None:
    answer = api.post("/api/events", json={"events": [{**ONE, "event_id": 'é"\\'}]})
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content)["results"][0]["event_id"] == 'é"\\'
