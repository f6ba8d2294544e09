"""The page Validation in a browser: the same answer as REST's, and the way to who was missed."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo, settled

pytestmark = pytest.mark.e2e


def test_the_answer_is_that_of_rest_and_leads_to_the_missed(demo: Demo, visit: Page) -> None:
    found = httpx.get(f"{demo.api}/api/models/standard/validation", timeout=60).json()
    visit.goto(f"{demo.dashboard}/validation")
    expect(visit.get_by_role("heading", name="Does it predict churn?")).to_be_visible(
        timeout=60_000
    )
    settled(visit)
    expect(visit.get_by_text(found["sentence"])).to_be_visible()
    first = found["missed"][0]
    visit.get_by_role("link", name=first["customer_name"]).click()
    expect(visit.get_by_role("heading", name=first["customer_name"])).to_be_visible()
