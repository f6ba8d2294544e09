"""Whatever is sent, the answer is a problem: bytes as they go over the wire, to a real server."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import URL

from db.embedded import EmbeddedServer
from tests.api_server import running_api
from tests.support.databases import environment_on, fresh_database

pytestmark = pytest.mark.integration

JSON = {"content-type": "application/json"}
ACME = {"name": "Acme", "email": "it@acme.example", "segment": "smb"}
LOGIN = {"event_type": "login"}


@pytest.fixture(scope="module")
def api(database_server: EmbeddedServer, template_database: URL) -> Iterator[httpx.Client]:
    """One process and one customer for all of them: refusals leave nothing behind."""
    with (
        fresh_database(database_server, template_database) as database,
        running_api(environment_on(database)) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        created = client.post("/api/customers", json=ACME | {"external_id": "crm-1"})
        assert created.status_code == 201, created.text
        yield client


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, (response.request.url, response.text[:500])
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content.decode("utf-8"))
    assert body["status"] == status
    assert body["type"].startswith("urn:customer-health:problem:")
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in response.text
    return body


def fields(response: httpx.Response) -> set[tuple[str, str]]:
    return {(e["location"], e["field"]) for e in problem(response, 422)["errors"]}


def deep(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


HOSTILE_BODIES = [
    b"",
    b" ",
    b"null",
    b"[]",
    b'"text"',
    b"5",
    b"0.5",
    b"{",
    b"{}",
    b"{'a': 1}",
    b"\xff\xfe{\x00}\x00",
    b'\xef\xbb\xbf{"event_type": "login"}',
    b'{"event_type": "\xff"}',
    b'{"event_type": "lo\x00gin"}',
    b'{"event_type": "lo\\u0000gin"}',
    b'{"event_type": "\\ud800"}',
    b'{"event_type": ["login"]}',
    b'{"event_type": "logout"}',
    b'{"event_type": "login", "\\ud800": 1}',
    b'{"event_type": "login", "event_data": 0.5}',
    b'{"event_type": "support_ticket", "event_data": "x"}',
    b'{"event_type": "login", "event_data": NaN}',
    b'{"event_type": "login", "event_data": {"x": NaN}}',
    b'{"event_type": "login", "event_data": {"x": -Infinity}}',
    b'{"event_type": "login", "event_data": {"x": 1e999}}',
    b'{"event_type": "login", "event_data": {"x": 1e-999999999999999999999}}',
    b'{"event_type": "login", "event_data": {"x": ' + b"9" * 5000 + b"}}",
    b'{"event_type": "login", "event_data": {"x": "\\ud800"}}',
    b'{"event_type": "login", "event_data": {"x": "\\u0000"}}',
    b'{"event_type": "login", "event_data": {"\\ud800": 1}}',
    b'{"event_type": "login", "event_data": {"\\u0000": 1}}',
    b'{"event_type": "login", "event_data": {"user_id": "\\udfff"}}',
    b'{"event_type": "login", "event_data": {"session_seconds": 9223372036854775808}}',
    b'{"event_type": "login", "event_data": {"session_seconds": 1e300}}',
    b'{"event_type": "login", "event_data": ' + deep(10) + b"}",
    b'{"event_type": "login", "event_data": ' + deep(100_000) + b"}",
    b'{"event_type": "login", "event_data": [' + b"[" * 200_000 + b"}",
    b'{"event_type": "api_call", "event_data": {"endpoint": "/", "count": 10000000000}}',
    b'{"event_type": "payment", "event_data": {"amount": 1e13}}',
    b'{"event_type": "payment", "event_data": {"amount": 5, "due_date": "9999-12-31"}}',
    b'{"event_type": "payment", "event_data": {"amount": 5, "due_date": "0001-01-01"}}',
    b'{"event_type": "login", "timestamp": 1700000000}',
    b'{"event_type": "login", "timestamp": "1700000000"}',
    b'{"event_type": "login", "timestamp": "2026-01-01T00:00:00"}',
    b'{"event_type": "login", "timestamp": "0001-01-01T00:00:00+14:00"}',
    b'{"event_type": "login", "timestamp": "9999-12-31T23:59:59-14:00"}',
    b'{"event_type": "login", "timestamp": "2026-02-30T00:00:00Z"}',
    b'{"event_type": "login", "event_id": ""}',
    b'{"event_type": "login", "event_id": "\\u0000"}',
    b'{"event_type": "login", "plan": 1}',
]


def test_hostile_bodies_are_422_and_never_echoed(api: httpx.Client) -> None:
    for body in HOSTILE_BODIES:
        for path in ("/api/customers/1/events", "/api/customers"):
            response = api.post(path, content=body, headers=JSON)
            errors = problem(response, 422)["errors"]
            assert errors, (path, body[:80])
            assert all(error["field"] and error["message"] for error in errors)
            assert len(response.content) < 10_000
        if body != b"{}":  # changes nothing, and may
            problem(api.patch("/api/customers/1", content=body, headers=JSON), 422)


HOSTILE_CUSTOMERS = [
    b'{"name": "\\ud800"}',
    b'{"name": "\\u0000"}',
    b'{"email": "a\\u0000@b.example"}',
    b'{"arr": NaN}',
    b'{"arr": 1e999}',
    b'{"arr": 1e999999999999999999999}',
    b'{"arr": 10000000000000000000000000}',
    b'{"arr": "12"}',
    b'{"renewal_date": "0001-01-01"}',
    b'{"renewal_date": "9999-12-31"}',
    b'{"created_at": "0001-01-01T00:00:00Z"}',
    b'{"created_at": "9999-12-31T23:59:59-12:00"}',
    b'{"churned_at": "9999-12-31T23:59:59-12:00"}',
    b'{"segment": "galactic"}',
    b'{"segment": null}',
    b'{"id": 5}',
]


def test_hostile_customers_are_422(api: httpx.Client) -> None:
    for body in HOSTILE_CUSTOMERS:
        problem(api.patch("/api/customers/1", content=body, headers=JSON), 422)
        whole = json.dumps(ACME)[:-1].encode() + b", " + body[1:]
        problem(api.post("/api/customers", content=whole, headers=JSON), 422)


HOSTILE_QUERIES = [
    "/api/customers?q=%00",
    "/api/customers?q=" + "x" * 256,
    "/api/customers?owner=%00",
    "/api/customers?segment=galactic",
    "/api/customers?status=fine",
    "/api/customers?status=healthy&status=fine",
    "/api/customers?sort=email",
    "/api/customers?sort=--arr",
    "/api/customers?sort=",
    "/api/customers?sort=name&sort=arr",
    "/api/customers?limit=0",
    "/api/customers?limit=501",
    "/api/customers?limit=" + "9" * 5000,
    "/api/customers?limit=x",
    "/api/customers?min_score=NaN",
    "/api/customers?max_score=inf",
    "/api/customers?churned=yes",
    "/api/customers?cursor=",
    "/api/customers?cursor=x",
    "/api/customers?cursor=%FF",
    "/api/customers?cursor=bnVsbA",
    "/api/customers/0",
    "/api/customers/-1",
    "/api/customers/9223372036854775808",
    "/api/customers/" + "9" * 5000,
    "/api/customers/1.5",
    "/api/customers/%00",
    "/api/customers/1/health?as_of=0001-01-01",
    "/api/customers/1/health?as_of=9999-12-31",
    "/api/customers/1/health?as_of=2026-1-1",
    "/api/customers/1/health?as_of=20260101",
    "/api/customers/1/health?as_of=2900-01-01",
    "/api/customers/1/health?known=today",
    "/api/customers/1/health?known=",
    "/api/customers/1/health?model=unheard",
    "/api/customers/1/health?model=%00",
    "/api/customers/1/health?model=standard&model=momentum",
    "/api/customers/1/events?event_type=logout",
    "/api/customers/1/events?from=yesterday",
    "/api/customers/1/events?to=9999-12-31",
    "/api/customers/1/events?from=2026-05-04T09:30:00",
    "/api/customers/1/events?cursor=W10",
    "/api/customers/1/tickets?cursor=x",
    "/api/customers/1/invoices?limit=-5",
]


def test_unusable_parameters_are_422(api: httpx.Client) -> None:
    for path in HOSTILE_QUERIES:
        errors = problem(api.get(path), 422)["errors"]
        assert {error["location"] for error in errors} <= {"query", "path"}, path


def test_the_field_is_named_by_its_path(api: httpx.Client) -> None:
    def post(path: str, **body: Any) -> set[tuple[str, str]]:
        return fields(api.post(path, json=body))

    events = "/api/customers/1/events"
    assert post(events, event_type="payment", event_data={"amount": 0}) == {
        ("body", "event_data.amount")
    }
    assert post(events) == {("body", "event_type")}
    assert post(events, event_type="logout") == {("body", "event_type")}
    assert post(events, event_type="login", plan=1) == {("body", "plan")}
    assert post("/api/customers", name="", email=5) == {
        ("body", "name"),
        ("body", "email"),
        ("body", "segment"),
    }
    assert post("/api/customers", **(ACME | {"segment": "galactic"})) == {("body", "segment")}
    assert fields(api.get("/api/customers?limit=0")) == {("query", "limit")}
    assert fields(api.get("/api/customers?sort=x")) == {("query", "sort")}
    assert fields(api.get("/api/customers/x")) == {("path", "customer_id")}
    assert fields(api.get("/api/customers/1/events?to=x")) == {("query", "to")}


def test_only_json_in_utf8_is_a_body(api: httpx.Client) -> None:
    body = json.dumps(LOGIN).encode()
    url = "/api/customers/1/events"
    for media_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/json; charset*=utf-8''utf-16",
        "application/jsonp",
        "json",
        "",
    ):
        problem(api.post(url, content=body, headers={"content-type": media_type}), 415)
    problem(api.post(url, content=body), 415)
    for encoding in ("br", "deflate", "gzip, gzip", "zstd"):
        packed = JSON | {"content-encoding": encoding}
        problem(api.post(url, content=body, headers=packed), 415)
    for media_type in ("application/json; charset=UTF-8", "application/cloudevents+json"):
        answer = api.post(url, content=body, headers={"content-type": media_type})
        assert answer.status_code == 201


def test_too_large_is_413_also_in_chunks(api: httpx.Client) -> None:
    url = "/api/customers/1/events"
    assert problem(api.post(url, json=LOGIN | {"event_data": {"x": "y" * 33_000}}), 413)[
        "type"
    ].endswith("event-too-large")
    assert api.post(url, json=LOGIN | {"event_data": {"x": "y" * 32_000}}).status_code == 201

    def chunks(size: int) -> Iterator[bytes]:
        for _ in range(size // 1000):
            yield b" " * 1000

    at_most = 5 * 1024 * 1024
    problem(api.post(url, content=chunks(at_most - 1000), headers=JSON), 422)
    assert problem(api.post(url, content=chunks(at_most + 2000), headers=JSON), 413)[
        "type"
    ].endswith("body-too-large")
    assert problem(api.post("/api/customers", content=b" " * (at_most + 1), headers=JSON), 413)


def test_unknown_is_404_and_405_is_told(api: httpx.Client) -> None:
    for path in ("/nothing", "/api", "/api/nothing", "/api/v2/customers", "/favicon.ico"):
        problem(api.get(path), 404)
    for path in ("", "/health", "/events", "/tickets", "/invoices"):
        assert problem(api.get(f"/api/customers/4711{path}"), 404)["type"].endswith(
            "unknown-customer"
        )
    problem(api.post("/api/customers/4711/events", json=LOGIN), 404)
    problem(api.patch("/api/customers/4711", json={"name": "x"}), 404)
    problem(api.delete("/api/customers/4711"), 404)
    for method, path in (
        ("PUT", "/api/customers/1"),
        ("DELETE", "/api/customers"),
        ("POST", "/api/dashboard/stats"),
        ("POST", "/health"),
        ("TRACE", "/api/customers"),
    ):
        problem(api.request(method, path), 405)


def test_405_names_every_method_that_the_path_takes(api: httpx.Client) -> None:
    for path, methods in (
        ("/api/customers", {"HEAD", "GET", "POST"}),
        ("/api/v1/customers/1", {"HEAD", "GET", "PATCH", "DELETE"}),
        ("/api/customers/1/events", {"HEAD", "GET", "POST"}),
        ("/health", {"HEAD", "GET"}),
    ):
        response = api.put(path)
        problem(response, 405)
        assert set(response.headers["allow"].split(", ")) == methods


def test_head_is_get_without_the_body(api: httpx.Client) -> None:
    for path in ("/", "/health", "/health/ready", "/api/customers", "/api/customers/4711"):
        got, head = api.get(path), api.head(path)
        assert head.status_code == got.status_code, path
        assert head.content == b""
        for name in ("content-type", "content-length", "x-total-count"):
            assert head.headers.get(name) == got.headers.get(name)


def test_conflicts_are_409(api: httpx.Client) -> None:
    taken = problem(api.post("/api/customers", json=ACME | {"email": "IT@acme.example"}), 409)
    assert taken["type"].endswith("email-taken")
    other = ACME | {"email": "other@acme.example"}
    taken = problem(api.post("/api/customers", json=other | {"external_id": "crm-1"}), 409)
    assert taken["type"].endswith("external-id-taken")
    event = LOGIN | {"event_id": "e-1"}
    assert api.post("/api/customers/1/events", json=event).status_code == 201
    changed = event | {"event_data": {"user_id": "ada"}}
    conflict = problem(api.post("/api/customers/1/events", json=changed), 409)
    assert conflict["type"].endswith("event-conflict")


def test_a_host_header_that_is_no_host_is_no_fault(api: httpx.Client) -> None:
    api.post("/api/customers", json=ACME | {"email": "next@acme.example"})
    for host in ("[", "a b", "[::1", "x:99999999", "%", "\xe9".encode("latin-1"), "a@b"):
        response = api.get(
            "/api/customers?limit=1",
            headers=[(b"host", host if isinstance(host, bytes) else host.encode())],
        )
        assert response.status_code < 500, host


RAW = [
    b"GET /api/customers?q=\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/customers/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/customers?%00=%00&%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /api/customers HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /api/customers HTTP/1.1\r\nHost: x\r\nContent-Type: \xff\r\nContent-Length: 2\r\n\r\n{}",
    b"GET /api/customers HTTP/1.1\r\nHost: x\r\nAccept: ;;;q=\xff,,\r\n\r\n",
    b"GET /api/dashboard HTTP/1.1\r\nHost: x\r\nAccept: text/html;q=nan,*/*;q=-1\r\n\r\n",
    b"NONSENSE /api/customers HTTP/1.1\r\nHost: x\r\n\r\n",
    b"NOTHTTP\r\n\r\n",
]


def test_bytes_that_are_hardly_http_are_4xx(api: httpx.Client) -> None:
    place = urlsplit(str(api.base_url))
    for raw in RAW:
        with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
            connection.sendall(raw)
            status = connection.recv(4096).split(b" ")[1]
        assert status < b"500", (raw, status)


@pytest.mark.parametrize(
    "path", ["/api/customers", "/health", "/api/customers/1", "/nowhere", "/api/customers?limit=x"]
)
def test_browsers_are_told_to_run_nothing(api: httpx.Client, path: str) -> None:
    headers = api.get(path).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] in {"no-store", "private, no-cache"}


def test_no_answer_is_kept_where_another_caller_could_find_it(api: httpx.Client) -> None:
    assert api.get("/api/customers").headers["cache-control"] == "private, no-cache"
    answers = (
        api.get("/api/customers/1/nothing"),
        api.post("/api/customers/1/events", json=LOGIN),
        api.get("/api/customers", headers={"X-API-Key": "x"}),
        api.get("/metrics"),
    )
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


def test_no_header_sends_anybody_elsewhere(api: httpx.Client) -> None:
    """What a caller says of itself is no part of an address, nor ends a header."""
    foreign = {"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"}
    for path in ("customers?limit=1", "dashboard", "customers/", "customers/%0d%0aX:1"):
        for accept in ("text/html", "application/json"):
            answer = api.get(f"/api/{path}", headers=foreign | {"Accept": accept})
            assert answer.status_code < 500
            assert "evil" not in str(answer.headers), path
    page = api.get("/api/dashboard", headers={"Host": "evil.example", "Accept": "text/html"})
    assert page.headers["location"] == "http://127.0.0.1:8501"
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "DELETE"}
    allowed = api.options("/api/customers/1", headers=asked)
    assert "access-control-allow-origin" not in allowed.headers


def test_the_documentation_may_run_its_own_scripts_and_can_not_be_framed(api: httpx.Client) -> None:
    policy = api.get("/docs").headers["content-security-policy"]
    assert "script-src 'unsafe-inline' https:" in policy
    assert "frame-ancestors 'none'" in policy
