"""A customer's page in a real browser, beside the REST API as a process of its own."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Product, score

pytestmark = pytest.mark.e2e


def test_the_page_shows_the_score_that_rest_tells(product: Product) -> None:
    page = product.page
    page.goto(f"{product.dashboard}/customer?id={product.customer_id}")
    expect(page.get_by_role("heading", name="Acme Ltd")).to_be_visible()
    expect(page).to_have_title("Acme Ltd · Customer Health")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(score(product))
    expect(page.get_by_text("15 logins in 30 days on 15 days, of a target of 20")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    # Every chart is drawn, not only sent.
    for card in ("score", "causes", "changes", "weeks-logins"):
        expect(page.locator(f".st-key-{card} svg.marks, .st-key-{card} canvas")).to_have_count(1)


def test_the_line_tells_the_factors_of_a_day(product: Product) -> None:
    page = product.page
    page.goto(f"{product.dashboard}/customer?id={product.customer_id}")
    card = page.locator(".st-key-trend")
    card.get_by_role("radio", name="30 days").click()
    card.locator("svg.marks, canvas").hover()
    tooltip = page.locator("#vg-tooltip-element")
    for told in ("Scoring model", "Login frequency", "Support tickets"):
        expect(tooltip).to_contain_text(told)


def test_a_wrong_address_is_answered_kindly(product: Product) -> None:
    page = product.page
    for wrong in ("4711", "abc"):
        page.goto(f"{product.dashboard}/customer?id={wrong}")
        expect(page.get_by_role("heading", name="Customer not found")).to_be_visible()
        expect(page.get_by_text("Traceback")).to_have_count(0)


def test_a_phone_reads_it_without_scrolling_sideways(product: Product) -> None:
    page = product.page
    page.set_viewport_size({"width": 400, "height": 850})
    page.emulate_media(color_scheme="dark")
    page.goto(f"{product.dashboard}/customer?id={product.customer_id}")
    expect(page.get_by_text("Resolve the 3 open tickets")).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0


def test_tabs_show_what_is_stored(product: Product) -> None:
    page = product.page
    page.goto(f"{product.dashboard}/customer?id={product.customer_id}")
    for tab in ("Events", "Tickets", "Invoices"):
        page.get_by_role("tab", name=tab).click()
        panel = page.get_by_role("tabpanel", name=tab)
        expect(panel.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()
    page.get_by_role("tab", name="Events").click()
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_text("16–30, newest first")).to_be_visible()
