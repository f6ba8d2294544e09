"""Who gets in with which key, and who doesn't: a real API in production, over real sockets."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from api.main import create_app
from db.session import write
from services import api_keys
from services.clock import utc_now
from settings import Settings
from tests.api_server import serving
from tests.support.actors import TESTER
from tests.support.keys import bearer, make_key

pytestmark = pytest.mark.integration

ACME = {"name": "Acme", "email": "it@acme.example", "segment": "smb"}
EVENT = {"event_type": "login"}
READING = ["/", "/docs", "/redoc", "/openapi.json", "/api/customers", "/api/v1/customers",
           "/api/customers/1/health", "/api/dashboard", "/nowhere"]  # fmt: skip
WRITING = [
    ("POST", "/api/customers", ACME),
    ("POST", "/api/customers/1/events", EVENT),
    ("POST", "/api/v1/customers/1/events", EVENT),
    ("POST", "/api/events", {"events": []}),
    ("PATCH", "/api/customers/1", {"name": "x"}),
    ("DELETE", "/api/customers/1", None),
    ("PUT", "/api/customers/1", ACME),
]


@pytest.fixture
def api(engine: Engine) -> Iterator[httpx.Client]:
    """Nobody gets in without a key."""
    app = create_app(Settings(environment="production", rate_limit_failed="off"))
    with serving(app) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def assert_refused(answer: httpx.Response, status: int, challenge: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["www-authenticate"] == challenge
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_a_key_nothing_but_health_is_answered(api: httpx.Client, engine: Engine) -> None:
    for path in READING:
        assert_refused(api.get(path), 401, "Bearer")
    for method, path, body in WRITING:
        assert_refused(api.request(method, path, json=body), 401, "Bearer")
    assert api.head("/api/customers").status_code == 401
    assert api.request("OPTIONS", "/api/customers").status_code == 401
    for path in ("/healthy", "/health/../api/customers", "/api/health/", "//health"):
        assert api.get(path).status_code == 401, path
    assert api.get("/health").json() == api.get("/health/ready").json() == {"status": "ok"}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM customer")).scalar_one() == 0


def test_each_scope_opens_what_it_says(api: httpx.Client, engine: Engine) -> None:
    reads, writes, admin = (bearer(make_key(engine, name)) for name in ("read", "write", "admin"))
    needs_write = 'Bearer error="insufficient_scope", scope="write"'
    for method, path, body in WRITING:
        answer = api.request(method, path, json=body, headers=reads)
        assert_refused(answer, 403, needs_write)
    assert_refused(
        api.get("/api/customers", headers=writes), 403, needs_write.replace("write", "read")
    )
    customer = api.post("/api/customers", json=ACME, headers=writes).json()["id"]
    events = f"/api/customers/{customer}/events"
    assert api.post(events, json=EVENT, headers=writes).status_code == 201
    assert api.get(events, headers=reads).status_code == 200
    assert api.head(events, headers=reads).status_code == 200
    assert api.get("/docs", headers=reads).status_code == 200
    assert api.post(events, json=EVENT, headers=admin).status_code == 201
    assert len(api.get(events, headers=admin).json()) == 2
    both = bearer(make_key(engine, "read", "write"))
    assert api.patch(f"/api/customers/{customer}", json={"owner": "Ada"}, headers=both).is_success
    assert api.get(events, headers=both).is_success


def test_a_key_comes_in_either_header_and_other_schemes_are_not_ours(
    api: httpx.Client, engine: Engine
) -> None:
    key = make_key(engine, "read")
    proxy = {"Authorization": "Basic YW5hbHlzdDpwYXNz"}
    for headers in (
        bearer(key), {"Authorization": f"bearer  {key}"}, {"x-api-key": key},
        proxy | {"X-API-Key": key},
    ):  # fmt: skip
        assert api.get("/api/customers", headers=headers).status_code == 200, headers
    assert_refused(api.get("/api/customers", headers=proxy), 401, "Bearer")
    ours, again = ("X-API-Key", key), ("Authorization", f"Bearer {key}")
    for several in ([ours, again], [ours, ours], [again, again]):
        answer = api.get("/api/customers", headers=several)
        assert_refused(answer, 401, 'Bearer error="invalid_token"')


def malformed(key: str) -> list[bytes]:
    """What is nearly that key, or nothing like one."""
    start, prefix, secret = key.split("_", 2)
    other = "A" if secret[0] != "A" else "B"
    nearly = [
        f"{start}_{prefix}_{other}{secret[1:]}", f"{start}_{'0' * 12}_{secret}",
        key[:-1], f"{key}A", key.upper(), f"{start}_{prefix}", f"{start}_{prefix}_", secret,
        f"{key} {key}", f"{key}%00", f"{start}_{prefix}' OR true --_{secret}",
    ]  # fmt: skip
    return [text.encode() for text in nearly] + [
        b"", b"\xff\xfe", b"chk_\xb2\xb2_", b"a" * 20_000, b"null", b"..", b"e30.e30.",
    ]  # fmt: skip


def test_what_is_not_quite_a_key_lets_nobody_in_and_is_never_repeated(
    api: httpx.Client, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    key = make_key(engine, "admin")
    for sent in malformed(key):
        for headers in ([(b"x-api-key", sent)], [(b"authorization", (b"Bearer " + sent).strip())]):
            answer = api.get("/api/customers", headers=headers)
            assert_refused(answer, 401, 'Bearer error="invalid_token"')
            told = answer.text + str(answer.headers) + caplog.text
            assert len(sent.strip()) < 3 or sent.decode("latin-1") not in told
    assert key.split("_", 2)[2] not in caplog.text


def test_revoking_ends_a_key_at_once_and_no_other(api: httpx.Client, engine: Engine) -> None:
    old, new = make_key(engine, "read"), make_key(engine, "read")
    with ThreadPoolExecutor(8) as callers:
        for _ in range(3):  # several alive while they rotate, and a connection that is kept
            keys = [old, new] * 8
            answers = callers.map(lambda key: api.get("/", headers=bearer(key)), keys)
            assert {answer.status_code for answer in answers} == {200}
        write(
            lambda s: api_keys.revoke(s, by=TESTER, prefix=old.split("_")[1], now=utc_now()),
            engine=engine,
        )
        told = list(callers.map(lambda key: api.get("/", headers=bearer(key)), [old, new] * 8))
    assert [answer.status_code for answer in told] == [401, 200] * 8
    assert told[0].json()["detail"] == "The API key was revoked."


def test_a_key_ends_when_it_expires(api: httpx.Client, engine: Engine) -> None:
    assert api.get(
        "/", headers=bearer(make_key(engine, "read", lasts=timedelta(days=1)))
    ).is_success
    ended = make_key(engine, "read", lasts=-timedelta(seconds=1))
    answer = api.get("/", headers=bearer(ended))
    assert_refused(answer, 401, 'Bearer error="invalid_token"')
    assert answer.json()["detail"] == "The API key has expired."


def test_nothing_stored_lets_anybody_in(engine: Engine) -> None:
    key = make_key(engine, "read")
    with engine.connect() as connection:
        stored: dict[str, Any] = dict(
            connection.execute(text("SELECT * FROM api_key")).mappings().one()
        )
    secret = key.split("_", 2)[2]
    assert len(secret) * 6 >= 256
    assert secret not in str({**stored, "hash": bytes(stored["hash"])})
    assert secret.encode() not in bytes(stored["hash"])
    assert len(bytes(stored["hash"])) == 32


def test_a_database_that_cannot_be_asked_is_503_and_comes_back(
    api: httpx.Client, engine: Engine
) -> None:
    key, new, last = (bearer(make_key(engine, "admin")) for _ in range(3))
    assert api.get("/", headers=key).status_code == 200
    with engine.begin() as connection:  # what was kept is gone; a new connection is found
        ended = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute(ended)
    assert api.get("/", headers=key).status_code == 200
    with engine.connect() as connection, connection.begin():
        connection.execute(text("LOCK TABLE api_key IN ACCESS EXCLUSIVE MODE"))
        answer = api.get("/", headers=new)  # waits for the lookup no longer than for a connection
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert api.get("/health").status_code == 200
    assert api.get("/", headers=new).status_code == 200
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE api_key"))
    assert api.get("/", headers=last).status_code == 503


def test_a_browser_may_ask_first_and_read_why_it_was_refused(
    api: httpx.Client, engine: Engine
) -> None:
    origin = {"Origin": "http://127.0.0.1:8501"}
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-api-key"}
    assert api.options("/api/customers", headers=origin | asked).status_code == 200
    refused = api.get("/api/customers", headers=origin)
    assert_refused(refused, 401, "Bearer")
    assert refused.headers["access-control-allow-origin"] == origin["Origin"]


def test_the_schema_says_who_may_call(api: httpx.Client, engine: Engine) -> None:
    schema = api.get("/openapi.json", headers=bearer(make_key(engine, "read"))).json()
    assert set(schema["components"]["securitySchemes"]) == {"bearer", "key"}
    assert schema["security"] == [{"bearer": []}, {"key": []}]
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            guarded = not path.startswith("/health")
            assert ("401" in operation["responses"]) is guarded
            assert ("security" in operation) is not guarded
