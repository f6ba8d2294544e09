"""The list of customers in a real browser: share a view, open a row, sort, download."""

import csv
import io
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import WAIT, Demo, settled

pytestmark = pytest.mark.e2e

FOOT = re.compile(r"\d+–\d+ of \d+ customer")


def table(page: Page) -> dict[str, float]:
    box = page.get_by_test_id("stDataFrame").bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def first_row(demo: Demo, query: str) -> dict[str, object]:
    items: list[dict[str, object]] = httpx.get(f"{demo.api}/api/customers?{query}").json()
    return items[0]


def test_a_filtered_view_can_be_shared(demo: Demo, visit: Page, browser: Browser) -> None:
    visit.goto(f"{demo.dashboard}/customers")
    expect(visit.get_by_text(FOOT)).to_be_visible()
    visit.get_by_role("button", name="Critical").click()
    visit.get_by_role("button", name="At risk").click()
    visit.get_by_placeholder("Name, email or external id").fill("a")
    expect(visit).to_have_url(re.compile("q=a"))
    settled(visit)
    foot = visit.get_by_text(FOOT).inner_text()
    query = parse_qs(urlsplit(visit.url).query)
    assert sorted(query["status"]) == ["At risk", "Critical"]
    other = browser.new_page()
    other.goto(visit.url)
    expect(other.get_by_text(FOOT)).to_have_text(foot, timeout=WAIT)
    expect(other.get_by_placeholder("Name, email or external id")).to_have_value("a")
    other.close()


def test_a_row_opens_its_customer(demo: Demo, visit: Page) -> None:
    lowest = first_row(demo, "limit=1")
    visit.goto(f"{demo.dashboard}/customers")
    expect(visit.get_by_text(FOOT)).to_be_visible()
    settled(visit)
    box = table(visit)
    visit.mouse.click(box["x"] + 60, box["y"] + 36 + 19)  # the name
    expect(visit).to_have_url(re.compile(rf"/customer\?id={lowest['id']}$"))
    expect(visit.get_by_role("heading", name=str(lowest["name"]))).to_be_visible()


def test_any_cell_of_a_row_opens_it_too(demo: Demo, visit: Page) -> None:
    lowest = first_row(demo, "limit=1")
    visit.goto(f"{demo.dashboard}/customers")
    expect(visit.get_by_text(FOOT)).to_be_visible()
    settled(visit)
    box = table(visit)
    visit.mouse.click(box["x"] + 660, box["y"] + 36 + 19)  # the segment
    expect(visit).to_have_url(re.compile(rf"/customer\?id={lowest['id']}$"))


def test_a_heading_sorts_the_whole_list(demo: Demo, visit: Page) -> None:
    visit.goto(f"{demo.dashboard}/customers")
    expect(visit.get_by_text(FOOT)).to_be_visible()
    settled(visit)
    box = table(visit)
    visit.mouse.click(box["x"] + 850, box["y"] + 17)  # ARR
    expect(visit).to_have_url(re.compile(r"sort=Highest(\+|%20)ARR"))
    expect(visit.get_by_text(FOOT)).to_be_visible()


def test_filters_are_still_there_after_a_visit_to_a_customer(demo: Demo, visit: Page) -> None:
    visit.goto(f"{demo.dashboard}/customers?status=At+risk")
    expect(visit.get_by_text(FOOT)).to_be_visible()
    foot = visit.get_by_text(FOOT).inner_text()
    settled(visit)
    box = table(visit)
    visit.mouse.click(box["x"] + 60, box["y"] + 36 + 19)
    expect(visit).to_have_url(re.compile(r"/customer\?id="))
    visit.get_by_test_id("stMain").get_by_role("link", name="Customers").click()
    expect(visit.get_by_text(FOOT)).to_have_text(foot)


def test_a_tile_after_filtering_shows_its_own_customers(demo: Demo, visit: Page) -> None:
    """Filters survive in the session; a number must still lead to exactly its list."""
    visit.goto(f"{demo.dashboard}/customers?status=At+risk&q=a")
    expect(visit.get_by_text(FOOT)).to_be_visible()
    visit.get_by_role("link", name="Overview").click()
    expect(visit.get_by_test_id("stMetricValue")).to_have_count(6)
    number = visit.get_by_test_id("stMetricValue").nth(2).inner_text().strip()
    visit.get_by_test_id("stMain").get_by_role("link", name=re.compile("Healthy")).first.click()
    expect(visit.get_by_text(re.compile(rf"of {number} customers?"))).to_be_visible()


def test_the_download_holds_every_filtered_row(demo: Demo, visit: Page, tmp_path: Path) -> None:
    visit.goto(f"{demo.dashboard}/customers?status=Healthy")
    expect(visit.get_by_text(FOOT)).to_be_visible()
    with visit.expect_download() as download:
        visit.get_by_role("button", name="CSV").click()
    target = tmp_path / "customers.csv"
    download.value.save_as(target)
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    total = httpx.get(f"{demo.api}/api/customers?status=healthy").headers["X-Total-Count"]
    assert len(rows) == int(total)
    assert {row["status"] for row in rows} == {"healthy"}
