"""The REST API on a real database: what its answers hold, and that reading never writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event, text
from sqlmodel import Session

from api import __version__
from api.main import create_app
from db.queries import totals
from db.session import write
from services.clock import utc_now
from services.scorer import drain
from settings import PROJECT_ROOT
from tests.api_server import serving

pytestmark = pytest.mark.integration

ACME = {"name": "Acme", "email": "it@acme.example", "segment": "smb"}


@pytest.fixture
def api(engine: Engine) -> Iterator[httpx.Client]:
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def new_customer(api: httpx.Client, **values: Any) -> int:
    customer_id: int = api.post("/api/customers", json=ACME | values).json()["id"]
    return customer_id


def post_event(
    api: httpx.Client, customer_id: int, event_type: str, **given: Any
) -> dict[str, Any]:
    body = {"event_type": event_type} | given
    answer = api.post(f"/api/customers/{customer_id}/events", json=body)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def follow(api: httpx.Client, url: str) -> list[dict[str, Any]]:
    """Every item of a list, page by page, as its Link headers lead."""
    found: list[dict[str, Any]] = []
    following: str | None = url
    while following:
        answer = api.get(following)
        assert answer.status_code == 200, answer.text
        found += answer.json()
        following = answer.links.get("next", {}).get("url")
    return found


def test_the_root_leads_everywhere(api: httpx.Client) -> None:
    root = api.get("/").json()
    assert (root["name"], root["version"]) == ("Customer Health", __version__)
    for name, link in root["links"].items():
        if name != "dashboard":
            assert api.get(link).status_code == 200, link
    assert f'version = "{__version__}"' in (PROJECT_ROOT / "pyproject.toml").read_text()
    assert api.get("/health").json() == {"status": "ok"}
    assert api.get("/health/ready").json() == {"status": "ok"}


def test_a_customer_from_creation_to_erasure(api: httpx.Client) -> None:
    created = api.post(
        "/api/customers",
        json=ACME | {"arr": 1234.5, "external_id": "crm-1", "renewal_date": "2030-01-31"},
    )
    assert created.status_code == 201
    item = created.json()
    assert created.headers["location"] == f"/api/customers/{item['id']}"
    assert (item["arr"], item["renewal_date"]) == (1234.5, "2030-01-31")
    assert (item["status"], item["overall_score"], item["coverage"]) == ("no_data", None, 0)
    assert api.get(created.headers["location"]).json() == item
    assert api.get("/api/customers").json() == [item]
    changed = api.patch(f"/api/customers/{item['id']}", json={"arr": None, "owner": "Ada"})
    assert changed.status_code == 200
    assert changed.json() == item | {"arr": None, "owner": "Ada"}
    assert set(item) == {
        *("id", "external_id", "name", "email", "segment", "owner", "arr", "renewal_date"),
        *("created_at", "churned_at", "overall_score", "status", "coverage", "trend_30d"),
        *("last_activity_at", "calculated_at"),
    }
    erased = api.delete(f"/api/customers/{item['id']}")
    assert (erased.status_code, erased.content) == (204, b"")
    assert api.delete(f"/api/customers/{item['id']}").status_code == 404
    assert api.get("/api/customers").json() == []


def test_both_mounts_serve_the_same_and_the_schema_names_one(api: httpx.Client) -> None:
    customer = new_customer(api)
    for path in ("", f"/{customer}", f"/{customer}/events", f"/{customer}/tickets"):
        assert api.get(f"/api/customers{path}").json() == api.get(f"/api/v1/customers{path}").json()
    created = api.post("/api/v1/customers", json=ACME | {"email": "b@acme.example"})
    assert created.headers["location"].startswith("/api/v1/customers/")
    schema = api.get("/openapi.json").json()
    operations = [
        operation["operationId"] for path in schema["paths"].values() for operation in path.values()
    ]
    assert len(operations) == len(set(operations)) == 29
    assert not any(path.startswith("/api/v1") for path in schema["paths"])


def test_pages_are_linked_and_keep_their_filters(api: httpx.Client) -> None:
    for number in range(7):
        new_customer(
            api, email=f"c{number}@acme.example", name=f"A&B {number}", owner="Ä/ö", arr=number % 2
        )
    new_customer(api, email="other@acme.example", owner="Else")
    url = "/api/customers?limit=2&q=A%26B&owner=%C3%84%2F%C3%B6&owner=Nobody&sort=-arr"
    first = api.get(url)
    assert first.headers["x-total-count"] == "7"
    second = api.get(first.links["next"]["url"])
    assert "x-total-count" not in second.headers
    found = follow(api, url)
    assert [item["arr"] for item in found] == [1, 1, 1, 0, 0, 0, 0]
    assert len({item["id"] for item in found}) == 7
    assert "link" not in api.get("/api/customers?limit=8").headers


def test_an_event_is_recorded_once_and_read_back(api: httpx.Client) -> None:
    customer = new_customer(api)
    event = {
        "event_type": "login",
        "event_data": {"user_id": "ada", "plan": {"unknown": [1, None]}},
        "timestamp": "2026-05-04T09:30:00.5+02:00",
        "event_id": "e-1",
    }
    url = f"/api/customers/{customer}/events"
    first, again = api.post(url, json=event), api.post(url, json=event)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() | {"duplicate": True} == again.json()
    assert first.json()["occurred_at"] == "2026-05-04T07:30:00.500000Z"
    (stored,) = api.get(url).json()
    assert stored == {
        "event_id": "e-1",
        "event_type": "login",
        "occurred_at": "2026-05-04T07:30:00.500000Z",
        "received_at": first.json()["received_at"],
        "event_data": event["event_data"],
    }


def test_events_page_newest_first_and_filter_by_type_and_time(api: httpx.Client) -> None:
    customer, other = new_customer(api), new_customer(api, email="b@acme.example")
    for day in (1, 2, 3):
        for event_type in ("login", "support_ticket"):
            for _ in range(2):  # the same moment: ties by event_id
                post_event(api, customer, event_type, timestamp=f"2026-05-0{day}T12:00:00Z")
    post_event(api, other, "login")
    url = f"/api/customers/{customer}/events"
    events = follow(api, f"{url}?limit=5")
    keys = [(event["occurred_at"], event["event_id"]) for event in events]
    assert keys == sorted(keys, reverse=True)
    assert len(set(keys)) == 12
    assert len(follow(api, f"{url}?limit=1&event_type=login&from=2026-05-02")) == 4
    assert len(follow(api, f"{url}?to=2026-05-02")) == 8
    assert len(follow(api, f"{url}?to=2026-05-02T12:00:00Z")) == 4
    assert len(follow(api, f"{url}?from=2026-05-02T14:00:00%2B02:00&to=2026-05-02")) == 4


def test_tickets_and_invoices_tell_what_events_amount_to(api: httpx.Client) -> None:
    customer = new_customer(api)
    post_event(
        api,
        customer,
        "support_ticket",
        event_data={"ticket_id": "T-1", "subject": "Slow", "priority": "high"},
        timestamp="2026-05-01T08:00:00Z",
    )
    post_event(
        api,
        customer,
        "support_ticket",
        event_data={"ticket_id": "T-1", "status": "resolved", "satisfaction": 4},
        timestamp="2026-05-02T08:00:00Z",
    )
    post_event(api, customer, "support_ticket", event_data={"ticket_id": "T-2"})
    second, first = follow(api, f"/api/customers/{customer}/tickets?limit=1")
    assert (second["ticket_id"], second["status"], second["priority"]) == ("T-2", "open", "medium")
    assert first == {
        "ticket_id": "T-1",
        "subject": "Slow",
        "priority": "high",
        "status": "resolved",
        "opened_at": "2026-05-01T08:00:00Z",
        "resolved_at": "2026-05-02T08:00:00Z",
        "satisfaction": 4,
    }
    today = utc_now().date()
    due = {
        "I-1": ("paid", today - timedelta(days=40), today - timedelta(days=28)),
        "I-2": ("paid", today - timedelta(days=20), today - timedelta(days=25)),
        "I-3": ("pending", today - timedelta(days=3), None),
        "I-4": ("failed", today + timedelta(days=5), None),
    }
    for invoice_id, (status, due_date, paid_date) in due.items():
        data = {"invoice_id": invoice_id, "amount": 12.34, "status": status} | {
            "due_date": str(due_date)
        }
        post_event(
            api,
            customer,
            "payment",
            event_data=data | ({"paid_date": str(paid_date)} if paid_date else {}),
        )
    invoices = follow(api, f"/api/customers/{customer}/invoices?limit=1")
    assert [(i["invoice_id"], i["days_late"]) for i in invoices] == [
        ("I-4", 0),
        ("I-3", 3),
        ("I-2", 0),
        ("I-1", 12),
    ]
    assert invoices[0] == {
        "invoice_id": "I-4",
        "amount": 12.34,
        "currency": "USD",
        "due_date": str(due["I-4"][1]),
        "paid_date": None,
        "status": "failed",
        "days_late": 0,
    }


def test_health_explains_any_past_day_by_any_model(api: httpx.Client) -> None:
    customer = new_customer(api, created_at=(utc_now() - timedelta(days=400)).isoformat())
    url = f"/api/customers/{customer}/health"
    for days in (1, 2, 100):
        moment = (utc_now() - timedelta(days=days)).isoformat()
        for event_type, data in (
            ("login", {}),
            ("api_call", {"endpoint": "/", "count": 500}),
            ("feature_use", {"feature_name": "reports"}),
        ):
            post_event(api, customer, event_type, event_data=data, timestamp=moment)
    health = api.get(url).json()
    assert set(health) == {
        *("customer_id", "customer_name", "segment", "as_of", "model", "model_version"),
        *("overall_score", "status", "coverage", "trend_7d", "trend_30d", "calculated_at"),
        *("factor_scores", "recommendations"),
    }
    for factor in health["factor_scores"]:
        assert {
            *("factor_name", "label", "score", "weight", "effective_weight", "contribution"),
            *("summary", "details", "recommendation"),
        } <= set(factor)
    assert health["as_of"] == str(utc_now().date())
    past = api.get(url, params={"as_of": str(utc_now().date() - timedelta(days=99))}).json()
    assert past["overall_score"] != health["overall_score"]
    other = api.get(url, params={"model": "momentum"}).json()
    assert (other["model"], health["model"]) == ("momentum", "standard")


def test_health_as_known_then_leaves_out_what_came_in_later(api: httpx.Client) -> None:
    today = utc_now().date()
    customer = new_customer(api, created_at=(utc_now() - timedelta(days=400)).isoformat())
    url = f"/api/customers/{customer}/health"
    moment = (utc_now() - timedelta(days=3)).isoformat()
    for event_type, data in (
        ("login", {}),
        ("api_call", {"endpoint": "/", "count": 500}),
        ("feature_use", {"feature_name": "reports"}),
    ):
        post_event(api, customer, event_type, event_data=data, timestamp=moment)

    def told(days: int, known: str) -> dict[str, Any]:
        asked = {"as_of": str(today - timedelta(days=days)), "known": known}
        answer: dict[str, Any] = api.get(url, params=asked).raise_for_status().json()
        return {**answer, "calculated_at": None}

    assert told(3, "corrected")["status"] == "at_risk"
    assert (told(3, "then")["status"], told(3, "then")["coverage"]) == ("no_data", 0)
    assert told(3, "then")["as_of"] == told(3, "corrected")["as_of"]
    assert told(0, "then") == told(0, "corrected")
    plain = api.get(url, params={"as_of": str(today - timedelta(days=3))}).json()
    assert {**plain, "calculated_at": None} == told(3, "corrected")


def test_the_dashboard_is_for_browsers_and_its_numbers_for_programs(api: httpx.Client) -> None:
    page = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = api.get("/api/dashboard", headers={"accept": page}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "http://127.0.0.1:8501")
    for accept in ("*/*", "application/json", "text/html;q=0.5, application/json", "x", ""):
        answer = api.get("/api/dashboard", headers={"accept": accept}, follow_redirects=False)
        assert answer.json() == api.get("/api/dashboard/stats").json(), accept
        assert "Accept" in answer.headers["vary"]


def test_browsers_of_the_dashboards_origin_may_call(api: httpx.Client) -> None:
    origin = {"origin": "http://127.0.0.1:8501"}
    answer = api.get("/api/customers", headers=origin)
    assert answer.headers["access-control-allow-origin"] == origin["origin"]
    exposed = answer.headers["access-control-expose-headers"]
    assert {"Link", "X-Total-Count", "Retry-After"} <= set(exposed.split(", "))
    preflight = origin | {"access-control-request-method": "PATCH"}
    assert api.options("/api/customers/1", headers=preflight).status_code == 200
    stranger = api.get("/api/customers", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in stranger.headers


@contextmanager
def statements(engine: Engine) -> Iterator[list[tuple[str, str]]]:
    """What each transaction could do, and the statements that it ran."""
    seen: list[tuple[str, str]] = []

    def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        with connection.connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            seen.append((cursor.fetchone()[0], statement))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_no_get_ever_writes(api: httpx.Client, engine: Engine) -> None:
    customer = new_customer(api)
    paths = [
        path for path, item in api.get("/openapi.json").json()["paths"].items() if "get" in item
    ]
    assert len(paths) == 21
    with statements(engine) as seen:
        for path in paths:
            ran = len(seen)
            named = {"{customer_id}": str(customer), "{name}": "standard"}
            for name, value in named.items():
                path = path.replace(name, value)
            answer = api.get(path)
            assert answer.status_code == 200, path
            assert len(seen) > ran or path in ("/", "/health"), path
    assert {read_only for read_only, _ in seen} == {"on"}


def test_totals_leave_out_who_has_left_and_count_what_is_at_risk(
    api: httpx.Client, session: Session
) -> None:
    now = datetime.now(UTC)
    rows = [
        # segment, status, score, arr, churned
        ("smb", "healthy", 90.0, 1000, None),
        ("smb", "at_risk", 60.004, 200.25, None),
        ("smb", "critical", 10.0, None, None),
        ("enterprise", "critical", 20.0, 4000, now + timedelta(days=1)),
        ("enterprise", "no_data", None, 50, None),
        ("startup", "critical", 5.0, 9999, now - timedelta(seconds=1)),
    ]
    ids = []
    for number, (segment, status, score, arr, churned_at) in enumerate(rows):
        customer = new_customer(
            api,
            email=f"c{number}@acme.example",
            segment=segment,
            arr=arr,
            created_at="2026-01-01T00:00:00Z",
            churned_at=churned_at and churned_at.isoformat(),
        )
        ids.append(customer)
        totals.take_out(session, customer_ids=[customer])
        session.connection().execute(
            text(
                "UPDATE customer_health SET overall_score = :s, status = :t WHERE customer_id = :i"
            ),
            {"s": score, "t": status, "i": customer},
        )
        totals.put_in(session, customer_ids=[customer], now=now)
    session.commit()
    stats = api.get("/api/dashboard/stats").json()
    assert (stats["total_customers"], stats["average_score"]) == (5, 45.0)
    assert stats["by_status"] == {"healthy": 1, "at_risk": 1, "critical": 2, "no_data": 1}
    assert (stats["arr_total"], stats["arr_at_risk"]) == (5250.25, 4200.25)
    assert [item["id"] for item in stats["top_at_risk"]] == [ids[2], ids[3], ids[1]]
    assert stats["top_at_risk"][0] == api.get(f"/api/customers/{ids[2]}").json()
    assert set(stats["by_segment"]) == {"smb", "enterprise"}
    assert stats["by_segment"]["smb"] == {
        "customers": 3,
        "average_score": 53.33,
        "by_status": {"healthy": 1, "at_risk": 1, "critical": 1, "no_data": 0},
    }
    assert stats["as_of"] == str(now.date())


def test_an_empty_portfolio_has_zeroes_and_no_average(api: httpx.Client) -> None:
    stats = api.get("/api/dashboard/stats").json()
    assert (stats["total_customers"], stats["average_score"], stats["arr_total"]) == (0, None, 0)
    assert (stats["by_segment"], stats["top_at_risk"], stats["calculated_at"]) == ({}, [], None)
    assert api.get("/api/customers").headers["x-total-count"] == "0"


def test_at_rest_list_totals_and_details_agree(api: httpx.Client) -> None:
    for number in range(12):
        customer = new_customer(
            api,
            email=f"c{number}@acme.example",
            arr=number,
            created_at=(utc_now() - timedelta(days=100)).isoformat(),
        )
        for event_type, data in (
            ("login", {}),
            ("api_call", {"endpoint": "/", "count": 50 * number + 1}),
            ("feature_use", {"feature_name": f"f{number}"}),
            ("payment", {"amount": 5, "due_date": str(utc_now().date() - timedelta(days=number))}),
        ):
            post_event(api, customer, event_type, event_data=data)
    while write(lambda session: drain(session, now=utc_now())):
        pass
    listed = follow(api, "/api/customers?limit=5")
    assert len(listed) == 12
    for item in listed:
        live = api.get(f"/api/customers/{item['id']}/health").json()
        for key in ("overall_score", "status", "coverage", "trend_30d", "segment"):
            assert item[key] == live[key], (item, key)
    stats = api.get("/api/dashboard/stats").json()
    for status, count in stats["by_status"].items():
        assert count == sum(item["status"] == status for item in listed)
    mean = sum(item["overall_score"] for item in listed) / 12
    assert stats["average_score"] == pytest.approx(mean, abs=0.01)
