"""Who asks too much waits: by key, and by address where no key is proved; over real sockets."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import Engine

from api.main import create_app
from settings import Settings
from tests.api_server import serving
from tests.support.keys import bearer, make_key

pytestmark = pytest.mark.integration

WRONG = "chk_0123456789ab_" + "x" * 43
HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"


@contextmanager
def limited(*, rate: str = "off", failed: str = "off", proxies: str = "") -> Iterator[httpx.Client]:
    """A real API in production, with these limits."""
    given = {"rate_limit": rate, "rate_limit_failed": failed, "trusted_proxies": proxies}
    app = create_app(Settings.model_validate({"environment": "production", **given}))
    with serving(app) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def left(answer: httpx.Response) -> int:
    """What the answer says is left."""
    found = re.fullmatch(r'"(key|failed)";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    assert found, answer.headers
    assert 0 < int(found[3]) <= 60
    return int(found[2])


def assert_limited(answer: httpx.Response, name: str) -> None:
    assert answer.status_code == 429, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:customer-health:problem:rate-limited"
    assert problem["detail"].endswith(f"Try again in {answer.headers['retry-after']} s.")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert answer.headers["ratelimit"].startswith(f'"{name}";r=0;')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


def test_each_key_has_its_own_limit_and_is_told(engine: Engine) -> None:
    key, other = make_key(engine, "admin"), make_key(engine, "admin")
    with limited(rate="5/minute") as api:
        answers = [api.get("/api/customers", headers=bearer(key)) for _ in range(3)]
        assert [left(answer) for answer in answers] == [4, 3, 2]
        assert answers[0].headers["ratelimit-policy"] == '"key";q=5;w=60'
        # Every way in counts, the short one of single events and refusals too; probes don't.
        event = api.post(
            "/api/customers/1/events", json={"event_type": "login"}, headers=bearer(key)
        )
        assert (event.status_code, left(event)) == (404, 1)
        for _ in range(10):
            assert api.get("/health", headers=bearer(key)).status_code == 200
        assert left(api.get("/nowhere", headers=bearer(key))) == 0
        for method, path in (("GET", "/api/customers"), ("POST", "/api/customers/1/events")):
            assert_limited(api.request(method, path, headers=bearer(key)), "key")
        assert left(api.get("/api/customers", headers=bearer(other))) == 4
        metrics = api.get("/metrics", headers=bearer(other)).text
        counted = r"customer_health_rate_limited_total{limit=\"key\"} [1-9]"
        assert re.search(counted, metrics)
        counted = (
            r"customer_health_events_rejected_total{reason=\"rate-limited\",via=\"single\"} [1-9]"
        )
        assert re.search(counted, metrics)


def test_the_window_ends(engine: Engine) -> None:
    key = make_key(engine, "read")
    with limited(rate="1/second") as api:

        def passes() -> bool:
            return api.get("/", headers=bearer(key)).status_code == 200

        assert passes()
        assert any(passes() for _ in range(10_000))


def test_keys_are_not_tried_out_and_known_clients_go_on(engine: Engine) -> None:
    known, new = make_key(engine, "read"), make_key(engine, "read")
    with limited(failed="4/minute") as api:
        assert api.get("/", headers=bearer(known)).status_code == 200
        tries = [{}, bearer(WRONG), bearer("eyJ.x.y"), {"x-api-key": known[:-1] + "_"}]
        assert [api.get("/", headers=tried).status_code for tried in tries] == [401] * 4
        # From here on nobody learns whether a key is right.
        for tried in (*tries, bearer(new)):
            assert_limited(api.get("/api/customers", headers=tried), "failed")
        assert api.get("/", headers=bearer(known)).status_code == 200
        assert api.get("/health").status_code == 200


def test_what_a_client_writes_about_itself_changes_nothing() -> None:
    with limited(failed="2/minute") as api:
        statuses = [
            api.get("/", headers={"x-forwarded-for": f"198.51.100.{number}"}).status_code
            for number in range(4)
        ]
        assert statuses == [401, 401, 429, 429]


def test_behind_a_proxy_the_clients_are_told_apart_by_what_the_proxy_wrote() -> None:
    def ask(api: httpx.Client, forwarded: str) -> int:
        return api.get("/", headers={"x-forwarded-for": forwarded}).status_code

    with limited(failed="2/minute", proxies="127.0.0.0/8") as api:
        # The proxy appends; what stands left of it is the client's own.
        assert [ask(api, f"198.51.100.{n}, {HERE}") for n in range(4)] == [401, 401, 429, 429]
        assert ask(api, f"{HERE}, {ELSEWHERE}") == 401
        # One subscriber has 2^64 addresses of IPv6.
        assert [ask(api, f"2001:db8:0:1::{n}") for n in range(1, 5)] == [401, 401, 429, 429]
        assert ask(api, "2001:db8:0:2::1") == 401


def test_in_development_nothing_is_limited(engine: Engine) -> None:
    with serving(create_app(Settings())) as url, httpx.Client(base_url=url, timeout=30) as api:
        answers = [api.get("/", headers=bearer(WRONG)) for _ in range(70)]
    assert {answer.status_code for answer in answers} == {401}
    assert "ratelimit" not in answers[0].headers
