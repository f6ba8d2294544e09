"""Recording each type of event by hand, in a real browser, and the score that follows."""

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Product, score, settled

pytestmark = pytest.mark.e2e

FILLED = {
    "Login": {"User": "eve", "Session length in seconds": "900"},
    "API call": {"Endpoint": "/v1/orders", "How many": "50"},
    "Feature use": {"Feature": "alerts"},
    "Payment": {"Amount": "99.5", "Invoice": "INV-9"},
    "Support ticket": {"Subject": "Down"},
}


def _events(product: Product) -> list[dict[str, object]]:
    """The customer's newest events, as REST tells them."""
    found = httpx.get(f"{product.api}/api/customers/{product.customer_id}/events?limit=5").json()
    assert isinstance(found, list)
    return found


def _open(product: Product) -> Page:
    page = product.page
    page.goto(f"{product.dashboard}/record-event?customer={product.customer_id}")
    expect(_metric(page, "Score now")).to_have_text(score(product))
    return page


def _metric(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def _submit(page: Page) -> None:
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()


def test_each_of_the_five_types_is_recorded_and_its_effect_shown(product: Product) -> None:
    page = _open(product)
    for kind, values in FILLED.items():
        before = score(product)
        page.get_by_test_id("stButtonGroup").get_by_text(kind, exact=True).click()
        for label, value in values.items():
            field = page.get_by_role("textbox", name=label, exact=True).or_(
                page.get_by_role("spinbutton", name=label, exact=True)
            )
            field.fill(value)
        _submit(page)
        expect(page.get_by_text(f"{kind} stored for")).to_be_visible()
        expect(_metric(page, "Before")).to_have_text(before)
        expect(_metric(page, "After")).to_have_text(score(product))
        assert score(product) != before
    types = [event["event_type"] for event in _events(product)]
    assert types == ["support_ticket", "payment", "feature_use", "api_call", "login"]


def test_a_double_click_records_once(product: Product) -> None:
    page = _open(product)
    before = score(product)
    page.get_by_role("textbox", name="User", exact=True).fill("eve")
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").dblclick()
    expect(page.get_by_text("Login stored for")).to_be_visible()
    expect(_metric(page, "Before")).to_have_text(before)
    expect(_metric(page, "After")).to_have_text(score(product))
    expect(page.get_by_role("textbox", name="User", exact=True)).to_have_value("")
    users = [event["event_data"] for event in _events(product)]
    assert users[0] == {"user_id": "eve"}
    assert users.count({"user_id": "eve"}) == 1
    assert {} not in users


def test_what_is_wrong_is_told_beside_the_form(product: Product) -> None:
    page = _open(product)
    page.get_by_test_id("stButtonGroup").get_by_text("API call", exact=True).click()
    # The login's form has a "User" too: type only once the API call's has taken its place.
    expect(page.get_by_role("textbox", name="Endpoint", exact=True)).to_be_visible()
    settled(page)
    page.get_by_role("textbox", name="User", exact=True).fill("eve")
    _submit(page)
    expect(page.get_by_text("Endpoint is required")).to_be_visible()
    expect(page.get_by_role("textbox", name="User", exact=True)).to_have_value("eve")
    page.get_by_role("textbox", name="Endpoint", exact=True).fill("/v1/orders")
    _submit(page)
    expect(page.get_by_text("API call stored for")).to_be_visible()


def test_the_customers_page_follows(product: Product) -> None:
    page = _open(product)
    _submit(page)
    expect(page.get_by_text("Login stored for")).to_be_visible()
    page.get_by_text("Open Acme Ltd").click()
    expect(page.get_by_role("heading", name="Acme Ltd")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(score(product))
    page.get_by_text("Record event").last.click()
    expect(_metric(page, "Score now")).to_have_text(score(product))
