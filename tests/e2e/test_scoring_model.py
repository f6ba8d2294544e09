"""The page Scoring model in a real browser: a draft, its effect, publishing it, going back."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Product

pytestmark = pytest.mark.e2e


def test_a_draft_is_judged_published_and_taken_back(product: Product) -> None:
    page = product.page
    page.goto(f"{product.dashboard}/scoring-model")
    expect(page.get_by_text("Nobody would cross a band.")).to_be_visible()
    drawn = page.locator(".st-key-preview svg.marks, .st-key-preview canvas")
    expect(drawn).to_have_count(1)
    page.get_by_label("Healthy from").fill("90")
    page.get_by_label("Healthy from").press("Enter")
    expect(page.get_by_text("would cross a band", exact=False).first).to_be_visible()
    expect(page.get_by_text("Nobody would cross a band.")).to_have_count(0)
    page.get_by_label("Why").fill("Only the best are healthy")
    page.get_by_role("button", name="Publish and use it").click()
    expect(page.get_by_text("version 2 is in force", exact=False)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Only the best are healthy", exact=False)).to_be_visible()
    page.get_by_role("button", name="Use it").last.click()
    expect(page.get_by_text("version 1 is in force", exact=False)).to_be_visible()


def test_a_phone_reads_it_without_scrolling_sideways(product: Product) -> None:
    page = product.page
    page.set_viewport_size({"width": 400, "height": 850})
    page.goto(f"{product.dashboard}/scoring-model")
    expect(page.get_by_text("How firm the statuses are")).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") == 0
