"""What a client may keep: ETags that change with the answer, and 304 while they don't."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import Engine

from api.main import create_app
from tests.api_server import serving

pytestmark = pytest.mark.integration

KEPT = (
    "/api/customers",
    "/api/v1/customers?limit=1",
    "/api/customers/1",
    "/api/customers/1/events",
    "/api/customers/1/tickets",
    "/api/customers/1/invoices",
    "/api/dashboard",
    "/api/dashboard/stats",
)


@pytest.fixture
def api(engine: Engine) -> Iterator[httpx.Client]:
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        for number in range(2):
            customer = {"name": "Acme", "email": f"c{number}@x.example", "segment": "smb"}
            client.post("/api/customers", json=customer).raise_for_status()
        yield client


@pytest.mark.parametrize("path", KEPT)
def test_an_answer_that_still_holds_is_not_sent_again(api: httpx.Client, path: str) -> None:
    first = api.get(path)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        for ask in (api.get, api.head):
            again = ask(path, headers={"If-None-Match": condition})
            assert (again.status_code, again.content) == (304, b"")
            for name in ("etag", "cache-control", "link", "x-total-count", "vary"):
                assert again.headers.get(name) == first.headers.get(name), name
    assert api.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    assert api.head(path).headers["etag"] == etag


def test_a_change_makes_another_etag(api: httpx.Client) -> None:
    before = {path: api.get(path).headers["etag"] for path in KEPT}
    api.patch("/api/customers/1", json={"arr": 5}).raise_for_status()
    for event in (
        {"event_type": "support_ticket"},
        {"event_type": "payment", "event_data": {"amount": 1}},
    ):
        api.post("/api/customers/1/events", json=event).raise_for_status()
    for path, etag in before.items():
        after = api.get(path, headers={"If-None-Match": etag})
        assert (after.status_code, path) == (200, path)
        assert after.headers["etag"] != etag


def test_a_page_that_gets_a_next_one_is_another_answer(api: httpx.Client) -> None:
    path = "/api/customers?limit=2&sort=created_at"
    etag = api.get(path).headers["etag"]
    late = {"name": "C", "email": "c@x.example", "segment": "smb"}
    api.post("/api/customers", json=late).raise_for_status()
    after = api.get(path, headers={"If-None-Match": etag})
    assert after.status_code == 200
    assert "link" in after.headers


def test_what_depends_on_now_or_failed_is_not_kept(api: httpx.Client) -> None:
    for path in ("/api/customers/1/health", "/api/customers/99", "/api/customers?limit=0"):
        answer = api.get(path, headers={"If-None-Match": "*"})
        assert answer.status_code != 304
        assert "etag" not in answer.headers


def test_pages_of_other_origins_may_read_the_etag(api: httpx.Client) -> None:
    answer = api.get("/api/customers", headers={"Origin": "http://127.0.0.1:8501"})
    assert "etag" in answer.headers["access-control-expose-headers"].lower().split(", ")
