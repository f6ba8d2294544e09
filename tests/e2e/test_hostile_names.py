"""Names that want to be formulas, markup, scripts or links: shown as they are, on every page."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import httpx
import pytest
from playwright.sync_api import Dialog, Page, expect
from sqlalchemy import URL

from db.embedded import EmbeddedServer
from settings import PROJECT_ROOT
from tests.api_server import running_api
from tests.e2e.conftest import settled
from tests.e2e.dashboard import running_dashboard
from tests.support.databases import environment_on, fresh_database
from tests.support.hostile_texts import (
    EXPRESSIONS,
    FORMULAS,
    INVISIBLE,
    LONG,
    MARKDOWN,
    MARKUP,
    TEXTS,
)
from ui.text import WORD_JOINER

pytestmark = pytest.mark.e2e

ADDRESSES = ["", *sorted(path.stem for path in (PROJECT_ROOT / "pages").glob("*.py"))]
"""Of every page: each has a file there, for a deep link that is a process's first request."""
NO_ADDRESS = r"[@\s\x00-\x1f\x7f]"
CAUGHT = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "open"]) {
  window[name] = (...told) => window.ran.push(name + told);
}
"""
UNDERSTOOD = """
() => [
  ["img[src='x'], iframe, svg[onload], [onerror], a[href^='javascript']", "markup"],
  ["a[href*='evil'], img[src*='evil']", "an address"],
  [".katex", "a formula"],
  ["[data-testid=stMarkdownBadge] em, .stMarkdownColoredText em", "a directive"],
].filter(([selector]) => document.querySelector(selector)).map(([, what]) => what)
"""


OF_EACH_KIND = (*MARKUP[:2], *MARKDOWN[:5], EXPRESSIONS[0], *INVISIBLE[:3], LONG[0])
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Portfolio(NamedTuple):
    """A dashboard whose customers all have hostile names; ids by name."""

    url: str
    ids: dict[str, int]


@pytest.fixture(scope="module")
def portfolio(
    database_server: EmbeddedServer,
    template_database: URL,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Portfolio]:
    folder = tmp_path_factory.mktemp("hostile")
    told: list[str] = []
    with fresh_database(database_server, template_database) as url:
        environment = environment_on(url, LOG_FORMAT="json", LOG_LEVEL="info")
        with running_api(environment, told=told) as api, httpx.Client(base_url=api) as client:
            ids = {text: _store(client, text, number) for number, text in enumerate(TEXTS)}
        with running_dashboard(environment, folder / "dashboard.log") as dashboard:
            yield Portfolio(dashboard, ids)
    _tells_nothing([*told, *(folder / "dashboard.log").read_text().splitlines()])


def _store(client: httpx.Client, text: str, number: int) -> int:
    """A customer that has the text everywhere: the answers give it back as it was sent."""
    email = f"{re.sub(NO_ADDRESS, '', text)[:200]}@acme.example"
    company = {"name": text, "owner": text, "external_id": text, "email": f"{number}{email}"}
    created = client.post("/api/customers", json={**company, "segment": "smb"})
    item = created.raise_for_status().json()
    assert {name: item[name] for name in company} == company
    events = (
        {"event_type": "support_ticket", "event_data": {"subject": text, "ticket_id": text}},
        {"event_type": "feature_use", "event_data": {"feature_name": text[:100], "user_id": text}},
        {"event_type": "api_call", "event_data": {"endpoint": f"/{text}", text: text, "count": 90}},
        {"event_type": "payment", "event_data": {"amount": 5, "invoice_id": text}},
    )
    path = f"/api/customers/{item['id']}"
    given = [
        {**event, "event_id": f"{text[:200]} {place}", "external_id": text}
        for place, event in enumerate(events)
    ]
    taken = client.post("/api/events", json={"events": given}).raise_for_status().json()
    assert taken["accepted"] == len(events), taken
    stored = {
        event["event_id"]: event["event_data"] for event in client.get(f"{path}/events").json()
    }
    assert stored == {event["event_id"]: event["event_data"] for event in given}
    assert client.get(f"{path}/tickets").json()[0]["subject"] == text
    return int(item["id"])


def _tells_nothing(lines: Sequence[str]) -> None:
    """Every line of the log is one JSON object in ASCII, and none has anybody's name in it."""
    assert lines
    for line in map(str.rstrip, lines):
        if line.startswith("{"):
            assert line.isascii()
            assert line.isprintable()
            message = json.dumps(json.loads(line), ensure_ascii=False)
            assert not [text for text in TEXTS if text in message], message
        assert "evil" not in line


@pytest.fixture
def watched(visit: Page) -> Iterator[Page]:
    """A page that notices what runs, and what leaves this machine."""
    left: list[str] = []
    dialogs: list[str] = []

    def noticed(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    visit.add_init_script(CAUGHT)
    visit.on("request", lambda request: left.append(request.url))
    visit.on("websocket", lambda socket: left.append(socket.url))
    visit.on("dialog", noticed)
    visit.on("popup", lambda popup: dialogs.append(popup.url))
    yield visit
    hosts = {urlsplit(url).hostname for url in left if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}
    assert dialogs == []


def _open(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading").first).to_be_visible()
    settled(page)


def _is_inert(page: Page) -> None:
    """Nothing of it ran or was understood, also under the mouse on every chart and table."""
    for part in page.locator("canvas, .vega-embed svg").all():
        box = part.bounding_box()
        if box and box["y"] < 2000:
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.evaluate("window.ran") == []
    assert page.evaluate(UNDERSTOOD) == []
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_no_page_of_the_navigation_understands_them(portfolio: Portfolio, watched: Page) -> None:
    _open(watched, portfolio.url)
    links = watched.get_by_role("banner").get_by_role("link").all()
    known = {urlsplit(str(link.get_attribute("href"))).path.strip("/") for link in links}
    assert known <= set(ADDRESSES), "a page that this test would not see"
    for address in ADDRESSES:
        _open(watched, f"{portfolio.url}/{address}")
        _is_inert(watched)


def test_the_list_shows_them_letter_by_letter(portfolio: Portfolio, watched: Page) -> None:
    _open(watched, f"{portfolio.url}/customers")
    cells = watched.locator("canvas [role=gridcell]")
    expect(cells.filter(has_text=FORMULAS[0]).first).to_be_attached()
    shown = cells.all_text_contents()
    missing = [text for text in (*FORMULAS, *MARKUP) if shown.count(text) < 2]  # name and owner
    assert not missing
    _is_inert(watched)


@pytest.mark.parametrize("text", OF_EACH_KIND)
def test_a_customers_page_shows_its_name_letter_by_letter(
    text: str, portfolio: Portfolio, watched: Page
) -> None:
    address = f"{portfolio.url}/customer?id={portfolio.ids[text]}"
    _open(watched, address)
    seen = str(watched.get_by_role("heading").first.text_content()).replace(WORD_JOINER, "")
    assert seen == " ".join(CONTROL.sub(" ", text.replace(WORD_JOINER, "")).split(" ")).strip()
    assert watched.url == address
    _is_inert(watched)


def test_nothing_in_the_address_is_understood(portfolio: Portfolio, watched: Page) -> None:
    names = (
        "customer q status segment owner min max churned sort page days from to model as_of id"
        " embed_options"
    )
    texts = cycle((*TEXTS, "\0", "9" * 400))
    for address in ADDRESSES:
        query = "&".join(f"{name}={quote(next(texts))}" for name in names.split())
        _open(watched, f"{portfolio.url}/{address}?{query}")
        _is_inert(watched)


def test_a_file_with_hostile_names_is_imported_as_text(
    portfolio: Portfolio, watched: Page, tmp_path: Path
) -> None:
    file = tmp_path / "[x](javascript:alert(1)) <img src=x onerror=alert(1)> :red[x].csv"
    columns = [
        "name",
        "email",
        "segment",
        *(text.replace('"', "") for text in (*MARKUP[:4], *MARKDOWN[:5])),
    ]
    rows = [[text, "nowhere", text] for text in (*FORMULAS, *MARKUP, *MARKDOWN)]
    lines = [columns, *rows, ["=1+1", "fine@acme.example", "smb"]]
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines]
    file.write_text("\r\n".join(quoted), encoding="utf-8")
    _open(watched, f"{portfolio.url}/import")
    watched.get_by_label("CSV file").set_input_files(file)
    expect(watched.get_by_role("heading", name="Check ")).to_be_visible()
    settled(watched)
    _is_inert(watched)
    watched.get_by_role("button", name="Import customers").click()
    heading = watched.get_by_role("heading", name="Imported ")
    expect(heading).to_be_visible()
    settled(watched)
    assert str(heading.text_content()).replace(WORD_JOINER, "") == f"Imported {file.name}"
    _is_inert(watched)
