"""What only a browser can tell: deep links, outside requests, hostile names, phones, themes."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from tests.app.arrange import add_customer, worked_example
from tests.e2e.conftest import Demo, settled
from tests.e2e.dashboard import running_dashboard

pytestmark = pytest.mark.e2e

PAGES = {
    "": "Overview",
    "customers": "Customers",
    "record-event": "Record event",
    "import": "Import",
    "validation": "Validation",
    "customer?id=1": None,
}


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("customers", "Customers"),
        ("record-event", "Record event"),
        ("import", "Import"),
        ("customer?id={id}", "Acme"),
    ],
)
def test_a_deep_link_works_as_the_very_first_request(
    address: str,
    heading: str,
    session: Session,
    server_env: dict[str, str],
    tmp_path: Path,
    visit: Page,
) -> None:
    customer_id = worked_example(session)
    with running_dashboard(server_env, tmp_path / "dashboard.log") as url:
        visit.goto(f"{url}/{address.format(id=customer_id)}")
        expect(visit.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        settled(visit)
        expect(visit.get_by_role("dialog")).to_have_count(0)
        expect(visit.get_by_test_id("stSidebar")).to_have_count(0)


@pytest.mark.parametrize("address", PAGES)
def test_no_page_asks_anybody_else(address: str, demo: Demo, visit: Page) -> None:
    asked: list[str] = []
    visit.on("request", lambda request: asked.append(request.url))
    visit.on("websocket", lambda socket: asked.append(socket.url))
    visit.goto(f"{demo.dashboard}/{address}")
    expect(visit.get_by_role("heading").first).to_be_visible()
    settled(visit)
    hosts = {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}


@pytest.mark.parametrize("address", PAGES)
def test_a_phone_never_scrolls_sideways(address: str, demo: Demo, visit: Page) -> None:
    visit.set_viewport_size({"width": 400, "height": 850})
    visit.goto(f"{demo.dashboard}/{address}")
    expect(visit.get_by_role("heading").first).to_be_visible()
    settled(visit)
    widths = visit.get_by_test_id("stMain").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert widths[0] <= widths[1]


@pytest.mark.parametrize(
    ("scheme", "colour"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 23, 29)")]
)
def test_the_theme_follows_the_system(
    scheme: Literal["light", "dark"], colour: str, demo: Demo, visit: Page
) -> None:
    visit.emulate_media(color_scheme=scheme)
    visit.goto(demo.dashboard)
    expect(visit.get_by_role("heading").first).to_be_visible()
    expect(visit.get_by_test_id("stApp")).to_have_css("background-color", colour)


def test_a_hostile_name_is_shown_letter_by_letter(
    session: Session, server_env: dict[str, str], tmp_path: Path, visit: Page
) -> None:
    name = ":red[x] **b** [l](https://evil.example) A -> B -- www.evil.example :tada: $a$"
    add_customer(session, name)
    session.commit()
    customer_id = worked_example(session, "Second")
    assert customer_id
    with running_dashboard(server_env, tmp_path / "dashboard.log") as url:
        visit.goto(f"{url}/customer?id={customer_id - 1}")
        heading = visit.get_by_role("heading").first
        expect(heading).to_be_visible()
        assert heading.inner_text().replace("\u2060", "").strip() == name
        expect(visit.locator("a[href*='evil']")).to_have_count(0)
