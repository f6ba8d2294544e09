"""Importing real files through a real browser."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Connection, make_url, text

from db.engine import make_engine
from services.imports import Kind
from tests.e2e.conftest import Demo, Product, settled
from ui import format as as_text

pytestmark = pytest.mark.e2e

NOW = datetime.now(UTC).replace(microsecond=0)


def _write(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def _ago(**span: int) -> str:
    return (NOW - timedelta(**span)).isoformat()


def _give(product: Product, file: Path) -> Page:
    page = product.page
    page.goto(f"{product.dashboard}/import")
    expect(page.get_by_role("heading", name="Import", exact=True)).to_be_visible()
    settled(page)
    page.get_by_label("CSV file").set_input_files(file)
    expect(page.get_by_role("heading", name="Check ")).to_be_visible()
    settled(page)
    return page


CHOOSE_EARLY = """
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  const root = attach.call(this, options);
  const observer = new MutationObserver(() => {
    const input = root.querySelector("input[type=file]");
    if (input !== null) {
      observer.disconnect();
      const given = new DataTransfer();
      given.items.add(new File(["name,email,segment\\nEarly,e@e.example,smb\\n"], "e.csv"));
      input.files = given.files;
    }
  });
  observer.observe(root, { childList: true, subtree: true });
  return root;
};
"""


def _map(page: Page, field: str, column: str) -> None:
    page.get_by_role("combobox", name=field).click()
    page.get_by_role("option", name=column, exact=True).click()
    settled(page)


def _start(page: Page, kind: Kind) -> None:
    page.get_by_role("button", name=f"Import {kind}").click()


def _counts(page: Page) -> dict[str, str]:
    expect(page.get_by_role("heading", name="Imported ")).to_be_visible()
    settled(page)
    metrics = page.get_by_test_id("stMetric").all()
    return {
        metric.get_by_test_id("stMetricLabel").inner_text(): metric.get_by_test_id(
            "stMetricValue"
        ).inner_text()
        for metric in metrics
    }


def test_a_file_chosen_before_the_page_is_ready_is_taken(product: Product) -> None:
    product.page.add_init_script(CHOOSE_EARLY)
    product.page.goto(f"{product.dashboard}/import")
    expect(product.page.get_by_role("heading", name="Check ")).to_be_visible()


def test_customers_then_their_events_with_mistakes(product: Product, tmp_path: Path) -> None:
    customers = _write(
        tmp_path / "customers.csv",
        [
            ["external_id", "name", "email", "size", "created_at"],
            ["e2e-1", "Zebra Import", "zebra@import.example", "smb", _ago(days=400)],
            ["e2e-2", "No Segment", "none@import.example", "galactic", _ago(days=400)],
        ],
    )
    page = _give(product, customers)
    expect(page.get_by_text("No column is mapped to segment")).to_be_visible()
    _map(page, "Segment (required)", "size")
    expect(page.get_by_text("No column is mapped")).to_have_count(0)
    _start(page, "customers")
    assert _counts(page) == {"Accepted": "1", "Duplicates": "0", "Rejected": "1", "Updated": "0"}

    logins = [["e2e-1", "login", _ago(hours=1, days=day), f"user {day}"] for day in range(20)]
    wrong = [["e2e-1", "login", "yesterday", "ada"], ["e2e-9", "login", _ago(days=1), "ada"]]
    header = ["external_id", "event_type", "timestamp", "user_id"]
    page = _give(product, _write(tmp_path / "events.csv", [header, *logins, *wrong]))
    _start(page, "events")
    assert _counts(page) == {"Accepted": "20", "Duplicates": "0", "Rejected": "2"}
    with page.expect_download() as download:
        page.get_by_role("button", name="2 rejected rows").click()
    given_back = download.value.path().read_text(encoding="utf-8").splitlines()
    assert given_back[0] == "external_id,event_type,timestamp,user_id,row,reason"
    assert [line.split(",")[4] for line in given_back[1:]] == ["22", "23"]

    found = httpx.get(f"{product.api}/api/customers?q=zebra@import.example").json()[0]
    health = httpx.get(f"{product.api}/api/customers/{found['id']}/health").json()
    login = next(f for f in health["factor_scores"] if f["factor_name"] == "login_frequency")
    assert login["score"] == 100
    page.goto(f"{product.dashboard}/customer?id={found['id']}")
    expect(page.get_by_role("heading", name="Zebra Import")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(
        as_text.score(health["overall_score"])
    )


@contextmanager
def _no_event_is_stored(demo: Demo) -> Iterator[Connection]:
    """Holds every import where it is; for less than the 15 seconds that a statement may take."""
    engine = make_engine(make_url(demo.environment["DATABASE_URL"]))
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE event IN EXCLUSIVE MODE"))
        yield connection
    engine.dispose()


def _await_a_batch(holding: Connection) -> None:
    """Until an import waits for what is held: it has begun its first batch."""
    waiting = text("SELECT FROM pg_locks WHERE relation = 'event'::regclass AND NOT granted")
    while holding.execute(waiting).first() is None:
        sleep(0.05)


def test_an_import_outlives_its_page_and_goes_on_after_cancel(
    demo: Demo, product: Product, tmp_path: Path
) -> None:
    rows = 40_000
    logins = [
        [product.customer_id, "login", _ago(minutes=number), f"import-{number}", "somebody " * 3]
        for number in range(rows)
    ]
    header = ["customer_id", "event_type", "timestamp", "event_id", "user_id"]
    file = _write(tmp_path / "many.csv", [header, *logins])
    assert file.stat().st_size > 2 * 1024 * 1024, "more than one piece"
    page = _give(product, file)
    with _no_event_is_stored(demo) as holding:
        _start(page, "events")
        _await_a_batch(holding)
        expect(page.get_by_role("heading", name="Importing events")).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", name="Importing events")).to_be_visible()
        expect(page.get_by_role("progressbar").first).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("stopping after the running batch")).to_be_visible()
    expect(page.get_by_role("heading", name="was cancelled")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    counts = {label: int(value.replace(",", "")) for label, value in _counts(page).items()}
    assert counts["Rejected"] == 0
    assert 0 < counts["Duplicates"] < rows
    assert counts["Accepted"] + counts["Duplicates"] == rows
