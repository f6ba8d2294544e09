"""The limits of what is taken, each at its edge: just so much is stored, one more is refused."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from api.main import create_app
from services.bulk_items import MAX_ITEMS
from settings import Settings
from tests.api_server import serving

pytestmark = pytest.mark.integration

JSON = {"Content-Type": "application/json"}
LONGEST, MOST = "x" * 255, 10**12
LARGEST_BODY = 5 * 1024 * 1024
ROOM = 32 * 1024 - len('{"event_data":{"note":""},"event_type":"login"}')
number = count()


@pytest.fixture
def api(engine: Engine) -> Iterator[httpx.Client]:
    with (
        serving(create_app(Settings())) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        assert client.post("/api/customers", json=customer()).status_code == 201
        yield client


def customer(**values: Any) -> dict[str, Any]:
    return {"name": "Acme", "email": f"{next(number)}@acme.example", "segment": "smb", **values}


def event(kind: str = "login", **data: Any) -> dict[str, Any]:
    return {"event_type": kind, "event_data": data}


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels else 1


Edge = tuple[dict[str, Any], dict[str, Any]]

CUSTOMERS: list[Edge] = [
    ({"name": LONGEST}, {"name": LONGEST + "x"}),
    ({"name": "é" * 255}, {"name": "é" * 256}),
    ({"owner": LONGEST}, {"owner": LONGEST + "x"}),
    ({"external_id": LONGEST}, {"external_id": LONGEST + "x"}),
    ({"arr": MOST}, {"arr": MOST + 1}),
    ({"arr": 0}, {"arr": -0.0001}),
]
EVENTS: list[Edge] = [
    (event() | {"event_id": LONGEST}, event() | {"event_id": LONGEST + "x"}),
    (event("support_ticket", ticket_id=LONGEST), event("support_ticket", ticket_id=LONGEST + "x")),
    (
        event("payment", amount=1, invoice_id=LONGEST),
        event("payment", amount=1, invoice_id=LONGEST + "x"),
    ),
    (event("payment", amount=MOST), event("payment", amount=MOST + 1)),
    (event("payment", amount=0.0001), event("payment", amount=0)),
    (event("feature_use", feature_name="x" * 100), event("feature_use", feature_name="x" * 101)),
    (event("login", deep=nested(8)), event("login", deep=nested(9))),  # 10 with the envelope
]


def test_just_so_much_is_stored_and_one_more_is_refused(api: httpx.Client, engine: Engine) -> None:
    for fits, too_much in CUSTOMERS:
        assert api.post("/api/customers", json=customer(**fits)).status_code == 201, fits
        assert api.post("/api/customers", json=customer(**too_much)).status_code == 422, too_much
    for fits, too_much in EVENTS:
        assert api.post("/api/customers/1/events", json=fits).status_code == 201, fits
        assert api.post("/api/customers/1/events", json=too_much).status_code == 422, too_much
        items = [{**item, "customer_id": 1, "event_id": None} for item in (fits, too_much)]
        if "event_id" not in fits:
            statuses = api.post("/api/events", json={"events": items}).json()["results"]
            assert [item["status"] for item in statuses] == ["accepted", "rejected"], fits
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT count(*) FROM customer")).scalar_one()
    assert stored == 1 + len(CUSTOMERS)


def test_an_event_of_32_kilobytes(api: httpx.Client) -> None:
    answers = [
        api.post("/api/customers/1/events", json=event(note="x" * (ROOM + more))).status_code
        for more in (0, 1)
    ]
    assert answers == [201, 413]


def test_a_body_of_5_megabytes_whole_and_in_chunks(api: httpx.Client) -> None:
    def chunks(body: bytes) -> Iterator[bytes]:
        for start in range(0, len(body), 100_000):
            yield body[start : start + 100_000]

    for more, status in ((0, 201), (1, 413)):
        for sent in (bytes, chunks):
            body = json.dumps(customer()).encode().ljust(LARGEST_BODY + more)
            answer = api.post("/api/customers", content=sent(body), headers=JSON)
            assert answer.status_code == status, (sent, more)


def test_a_bulk_body_of_5_000_events(api: httpx.Client) -> None:
    assert MAX_ITEMS == 5_000
    items = [{**event(), "customer_id": 1, "event_id": "e1"}] * (MAX_ITEMS + 1)
    assert api.post("/api/events", json={"events": items[1:]}).status_code == 200
    assert api.post("/api/events", json={"events": items}).status_code == 422
