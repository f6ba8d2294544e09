"""The Overview in a real browser: its numbers, and the way behind each of them."""

import re
from datetime import date

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo, settled
from ui import format as as_text

pytestmark = pytest.mark.e2e


def test_the_numbers_are_those_of_rest(demo: Demo, visit: Page) -> None:
    stats = httpx.get(f"{demo.api}/api/dashboard/stats").json()
    visit.goto(demo.dashboard)
    values = visit.get_by_test_id("stMetricValue")
    expect(values).to_have_count(6)
    shown = [text.strip() for text in values.all_inner_texts()]
    by_status = stats["by_status"]
    assert shown[:5] == [
        str(stats["total_customers"]),
        as_text.score(stats["average_score"]),
        *(str(by_status[name]) for name in ("healthy", "at_risk", "critical")),
    ]
    expect(visit.get_by_test_id("stVegaLiteChart")).to_have_count(3)


def test_a_tile_leads_to_as_many_customers(demo: Demo, visit: Page) -> None:
    visit.goto(demo.dashboard)
    settled(visit)
    number = visit.get_by_test_id("stMetricValue").nth(3).inner_text().strip()
    visit.get_by_role("link", name=re.compile("At risk")).first.click()
    expect(visit).to_have_url(re.compile(r"/customers\?status=At(\+|%20)risk$"))
    expect(visit.get_by_text(re.compile(rf"of {number} customers?"))).to_be_visible()


def test_the_worklist_opens_the_customer(demo: Demo, visit: Page) -> None:
    lowest = httpx.get(f"{demo.api}/api/dashboard/stats").json()["top_at_risk"][0]
    visit.goto(demo.dashboard)
    visit.get_by_role("link", name=lowest["name"]).click()
    expect(visit).to_have_url(re.compile(rf"/customer\?id={lowest['id']}$"))
    expect(visit.get_by_role("heading", name=lowest["name"])).to_be_visible()


def test_a_bar_leads_to_its_customers(demo: Demo, visit: Page) -> None:
    visit.goto(demo.dashboard)
    chart = visit.get_by_test_id("stVegaLiteChart").first
    expect(chart).to_be_visible()
    size = chart.bounding_box()
    assert size is not None
    # Somewhere along the foot of the bars, from the right: healthy customers are many.
    for share in (0.96, 0.9, 0.84, 0.78, 0.72, 0.66):
        if "/customers" in visit.url:
            break
        visit.mouse.click(size["x"] + share * size["width"], size["y"] + 0.72 * size["height"])
        visit.wait_for_timeout(300)
    expect(visit).to_have_url(re.compile(r"/customers\?min=\d"))
    expect(visit.get_by_text(re.compile(r"1–\d+ of \d+ customer"))).to_be_visible()


def test_the_portfolio_goes_back_as_far_as_one_asks_and_tells_of_a_day(
    demo: Demo, visit: Page
) -> None:
    days = httpx.get(f"{demo.api}/api/dashboard/history?from=2000-01-01").json()
    visit.goto(demo.dashboard)
    card = visit.locator(".st-key-portfolio-card")
    first = as_text.day(date.fromisoformat(days[0]["day"]))
    for shown in ("In trouble", "Average score"):
        card.get_by_role("radio", name=shown).click()
        card.get_by_role("radio", name="All").click()
        chart = card.locator("svg.marks, canvas")
        expect(card.locator(f'[aria-label*="{first}"]').first).to_be_attached()
        expect(chart).to_have_count(1)
        chart.hover()
        expect(visit.locator("#vg-tooltip-element")).to_contain_text("ARR at risk")


def test_the_live_strip_renews_itself(demo: Demo, visit: Page) -> None:
    visit.goto(demo.dashboard)
    expect(visit.get_by_text("every score up to date")).to_be_visible()
    customer_id = httpx.get(f"{demo.api}/api/customers?limit=1").json()[0]["id"]
    sent = httpx.post(
        f"{demo.api}/api/customers/{customer_id}/events", json={"event_type": "login"}
    )
    assert sent.status_code == 201
    expect(visit.get_by_text(re.compile(r"last event \d+ s ago"))).to_be_visible()
