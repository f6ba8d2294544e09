"""What Prometheus reads from /metrics, after requests that should move it."""

import os
import re
import time
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text
from sqlmodel import Session

from api.main import create_app
from settings import PROJECT_ROOT
from tests.api_server import running_api, serving
from tests.support.customers import add_customers
from tests.support.keys import bearer, make_key

pytestmark = pytest.mark.integration

PREFIX = "customer_health_"
ACME = {"name": "Acme", "email": "it@acme.example", "segment": "smb"}
LOGIN = {"event_type": "login"}
AWAY = {"DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/none"}
Sample = tuple[str, frozenset[tuple[str, str]]]


def scrape(client: httpx.Client) -> dict[Sample, float]:
    """Every value by its name, without the product's prefix, and its labels."""
    answer = client.get("/metrics").raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name.removeprefix(PREFIX), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(found: dict[Sample, float], name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


@pytest.fixture
def api(engine: Engine, session: Session) -> Iterator[httpx.Client]:
    """Two customers, and nobody who scores them."""
    add_customers(session, 2)
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def test_events_are_counted_once_by_what_became_of_them(api: httpx.Client) -> None:
    before = scrape(api)
    path, slow = "/api/customers/1/events", "/api/v1/customers/1/events?by=route"
    for target, event in (
        (path, LOGIN | {"event_id": "e-1"}),
        (path, LOGIN | {"event_id": "e-1"}),
        (slow, LOGIN | {"event_id": "e-2"}),
        (slow, LOGIN | {"event_id": "e-1"}),
        (path, {"event_type": "payment", "event_id": "e-1", "event_data": {"amount": 1}}),
        (path, {"event_type": "logout"}),
        (path, LOGIN | {"event_data": {"x": "y" * 33_000}}),
        ("/api/customers/4711/events", LOGIN),
    ):
        api.post(target, json=event)
    bulk = [
        *({"customer_id": 2, "event_id": f"b-{n}"} | LOGIN for n in (1, 2, 2)),
        {"customer_id": 4711} | LOGIN,
        {"external_id": "unheard"} | LOGIN,
        {"customer_id": 2, "event_id": "b-1", "event_data": {"user_id": "ada"}} | LOGIN,
        {"customer_id": 2, "event_type": "logout"},
        "nonsense",
    ]
    assert api.post("/api/events", json={"events": bulk}).status_code == 207
    after = scrape(api)

    def counted(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    def rejected(via: str, reason: str) -> float:
        return counted("events_rejected_total", via=via, reason=reason)

    assert counted("events_total", via="single", result="accepted") == 2
    assert counted("events_total", via="single", result="duplicate") == 2
    for reason in ("event-conflict", "invalid-input", "event-too-large", "unknown-customer"):
        assert rejected("single", reason) == 1, reason
    assert counted("events_total", via="bulk", result="accepted") == 2
    assert counted("events_total", via="bulk", result="duplicate") == 1
    assert rejected("bulk", "unknown-customer") == 2
    assert rejected("bulk", "event-conflict") == 1
    assert rejected("bulk", "invalid-input") == 2


def test_requests_are_counted_by_route(api: httpx.Client) -> None:
    before = scrape(api)
    for path in ("/api/customers/1", "/api/customers/2", "/api/customers/x@y.example", "/a/b?c=d"):
        api.get(path)
    api.request("PROPFIND", "/api/customers")
    after = scrape(api)
    new = {
        tuple(dict(labels)[name] for name in ("method", "route", "status"))
        for (name, labels), number in after.items()
        if name == "http_requests_total" and number > before.get((name, labels), 0)
    }
    one = "/api/customers/{customer_id}"
    assert new >= {("GET", one, "200"), ("GET", one, "422"), ("GET", "unmatched", "404")}
    assert ("other", "/api/customers", "405") in new
    labels = {label for _, pairs in after for _, label in pairs}
    assert not [label for label in labels if "@" in label or label in {"PROPFIND", "d", "/a/b"}]
    timed = "http_request_seconds_count"
    assert (
        value(after, timed, method="GET", route=one) - value(before, timed, method="GET", route=one)
        == 3
    )


def test_the_queue_is_asked_at_each_scrape(api: httpx.Client, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM rescore_queue"))
    idle = scrape(api)
    assert (value(idle, "queue_entries"), value(idle, "queue_oldest_seconds")) == (0, 0)
    queued = "INSERT INTO rescore_queue (customer_id, day, queued_at) VALUES (1, current_date, {})"
    with engine.begin() as connection:
        for moment in ("now() - interval '90 s'", "now()", "now() + interval '1 h'"):
            connection.execute(text(queued.format(moment)))
    waiting = scrape(api)
    assert value(waiting, "queue_entries") == 2
    assert 90 <= value(waiting, "queue_oldest_seconds") < 300
    assert value(waiting, "database_up") == 1
    assert value(waiting, "pool_connections_max") >= 20


def test_a_scrape_is_answered_in_time_while_the_database_hangs(
    api: httpx.Client, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE rescore_queue IN ACCESS EXCLUSIVE MODE"))
        hanging = scrape(api)
    assert value(hanging, "database_up") == 0
    assert value(hanging, "queue_entries") != value(hanging, "queue_entries"), "not a number"
    assert value(hanging, "pool_connections_in_use") >= 1


def test_a_scrape_is_answered_while_the_database_is_away() -> None:
    with running_api({**os.environ, **AWAY}) as url, httpx.Client(base_url=url) as client:
        assert value(scrape(client), "database_up") == 0


def test_the_scorer_is_seen_at_work_by_who_has_a_key(
    server_env: dict[str, str], engine: Engine
) -> None:
    key = bearer(make_key(engine, "admin"))
    with (
        running_api(server_env | {"API_AUTH": "keys"}) as url,
        httpx.Client(base_url=url, timeout=30, headers=key) as client,
    ):
        assert httpx.get(f"{url}/metrics").status_code == 401
        client.post("/api/customers", json=ACME).raise_for_status()
        deadline = time.monotonic() + 60
        while value(found := scrape(client), "customers_scored_total") < 1:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert value(found, "scorer_leads") == 1
        assert value(found, "scorer_run_seconds_count") >= 1
        assert value(found, "scorer_failures_total") == 0
        assert found["process_resident_memory_bytes", frozenset()] > 0


def test_operations_names_only_metrics_and_labels_that_exist(api: httpx.Client) -> None:
    api.post("/api/customers/1/events", json=LOGIN)
    api.post("/api/customers/1/events", json={})
    exposed = api.get("/metrics").text
    guide = (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    expressions = re.findall(r"```promql\n(.*?)```", guide, flags=re.DOTALL)
    assert len(expressions) >= 8
    named = set(re.findall(r"\b(?:customer_health|process)_[a-z_]+", guide))
    existing = set(re.findall(r"^(\w+)", exposed, flags=re.MULTILINE))
    assert named <= existing
    labels = set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", " ".join(expressions))) - {"job"}
    assert labels <= set(re.findall(r"(\w+)=\"", exposed))
