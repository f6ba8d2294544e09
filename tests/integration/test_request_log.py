"""Whatever a client sends, the log has a line of it and nothing of what it holds."""

import json
import os
import re
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Engine, text
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.api_server import running_api
from tests.support.keys import bearer, make_key

pytestmark = pytest.mark.integration

NAME, EMAIL = "Zoë O'Hara-Sanchez<img>", "zoe.secret@private.example"
KEY, PASSWORD, TOKEN = "chk_9f8e7d6c5b4a_secret", "pa55-w0rd!hunter", "eyJhbGciOi.eyJzdWIi.c2ln"
PRIVATE = ["Hara-Sanchez", "zoe.secret", "private.example", KEY, PASSWORD, "eyJhbGciOi", "U-4711"]
JSON = {"content-type": "application/json"}
HOSTILE: dict[str, str] = {
    "cookie": f"session={KEY}",
    "user-agent": EMAIL,
    "referer": f"https://private.example/?password={PASSWORD}",
}
BROKEN = """
    ALTER TABLE customer ADD CONSTRAINT never_so CHECK (owner <> 'boom');
    ALTER TABLE event ADD CONSTRAINT never_that CHECK (NOT data ? 'boom');
"""


def send_everything(client: httpx.Client) -> list[httpx.Response]:
    """Good and bad requests with private data wherever some fits."""
    customer = {"name": NAME, "email": EMAIL, "segment": "smb", "owner": NAME}
    event = {"event_type": "login", "event_data": {"user_id": "U-4711", "note": EMAIL}}
    answers = [
        client.post("/api/customers", json=customer),
        client.post("/api/customers", json=customer),
        client.post("/api/customers", json=customer | {"email": NAME}),
        client.post("/api/customers", json=customer | {NAME: EMAIL}),
        client.post("/api/customers/1/events", json=event | {"event_id": EMAIL}),
        client.post("/api/customers/1/events", json=event | {"event_id": EMAIL}),
        client.post("/api/customers/1/events", json={"event_type": "login", "event_id": EMAIL}),
        client.post("/api/customers/1/events", content=f'{{"{EMAIL}', headers=JSON),
        client.post("/api/events", json={"events": [event | {"external_id": EMAIL}, NAME]}),
        client.get("/api/customers", params={"q": EMAIL, "password": PASSWORD}),
        client.get("/api/customers", params={"sort": EMAIL, "cursor": KEY}),
        client.get(f"/api/customers/{EMAIL}"),
        client.get(f"/{KEY}/{PASSWORD}"),
        client.put("/api/customers", params={"owner": NAME}),
        # Faults of ours, whose errors quote the row.
        client.post("/api/customers", json=customer | {"email": f"2{EMAIL}", "owner": "boom"}),
        client.post("/api/customers/1/events", json=event | {"event_data": {"boom": EMAIL}}),
        client.post(
            "/api/events",
            json={"events": [event | {"customer_id": 1, "event_data": {"boom": EMAIL}}]},
        ),
    ]
    answers += [
        client.get("/api/customers", headers={"authorization": f"Bearer {TOKEN}"}),
        client.get("/api/customers", headers={"authorization": f"Basic {PASSWORD}"}),
        client.post("/api/events", headers={"x-api-key": KEY}, json={}),
    ]
    place = urlsplit(str(client.base_url))
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(f"{KEY} / HTTP/9\r\nX: {PASSWORD}\r\n\r\n".encode())
        connection.recv(4096)
    socket_url = f"ws://{place.netloc}/{KEY}?password={PASSWORD}"
    with pytest.raises(InvalidStatus), connect(socket_url):
        pass
    return answers


def test_no_line_holds_what_a_client_sent(server_env: dict[str, str], engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(BROKEN))
    key = make_key(engine, "admin")
    told: list[str] = []
    environment = server_env | {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    with (
        running_api(environment, told=told) as url,
        httpx.Client(base_url=url, timeout=30, headers=HOSTILE | bearer(key)) as client,
    ):
        answers = send_everything(client)
    assert [answer.status_code for answer in answers] == [
        201, 409, 422, 422, 201, 200, 409, 422, 207, 200, 422, 422, 404, 405, 500, 500, 207,
        401, 200, 401,
    ]  # fmt: skip
    lines = [json.loads(line) for line in told]
    requests = {line["request_id"]: line for line in lines if line["logger"] == "api.requests"}
    assert [requests[answer.headers["x-request-id"]]["status"] for answer in answers] == [
        answer.status_code for answer in answers
    ]
    faults = [line for line in lines if "exception" in line]
    assert len(faults) == 3
    assert all("SQLSTATE 23514" in line["exception"] for line in faults)
    assert {line["request_id"] for line in faults} == {
        answer.headers["x-request-id"] for answer in answers[14:17]
    }
    for line in told:
        readable = line + json.dumps(json.loads(line), ensure_ascii=False)
        assert not [private for private in PRIVATE if private in readable], line
        assert key[:12] not in line


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0b7c2f9e-8c1d-4d3e-9f5a-6b7c8d9e0f1a", True),
        ("my-request-42", True),
        ("Ada", False),
        (KEY, False),
        (EMAIL, False),
        ("1" * 65, False),
        ("", False),
        ("a 1", False),
    ],
)
def test_a_sane_request_id_is_kept(api_url: str, given: str, kept: bool) -> None:
    answer = httpx.get(f"{api_url}/health", headers={"X-Request-ID": given})
    said = answer.headers.get_list("x-request-id")
    assert len(said) == 1
    assert (said[0] == given) is kept
    assert kept or re.fullmatch("[0-9a-f]{32}", said[0])


@pytest.fixture(scope="module")
def api_url() -> Any:
    """A process without a database: its liveness needs none."""
    away = {"DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/none"}
    with running_api({**os.environ, **away}) as url:
        yield url


def test_text_is_for_people_and_quiet_about_what_goes_well(server_env: dict[str, str]) -> None:
    told: list[str] = []
    with running_api(server_env, told=told) as url, httpx.Client(base_url=url) as client:
        assert client.get("/api/customers").status_code == 200
    assert not [line for line in told if "api.requests" in line]
    assert [line for line in told if re.match(r"\d\d:\d\d:\d\d INFO uvicorn.error: ", line)]
