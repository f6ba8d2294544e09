"""What a click on a heading does to the order of the list."""

import pytest

from services.customer_filters import DEFAULT_SORT, SORTS
from ui.customers import sorts

pytestmark = pytest.mark.unit


def test_every_offered_sort_has_words() -> None:
    assert sorted(sorts.SORTS.values()) == sorted(SORTS)
    assert sorts.SORTS[sorts.DEFAULT] == DEFAULT_SORT


@pytest.mark.parametrize(
    ("column", "before", "after"),
    [
        ("score", "Name A–Z", "Lowest score"),
        ("score", "Lowest score", "Highest score"),
        ("score", "Highest score", "Lowest score"),
        ("arr", "Lowest score", "Highest ARR"),
        ("arr", "Highest ARR", "Lowest ARR"),
        ("name", "Lowest score", "Name A–Z"),
        ("owner", "Name A–Z", "Name A–Z"),
    ],
)
def test_click(column: str, before: str, after: str) -> None:
    assert sorts.after_click(column, before) == after


def test_only_the_sorted_heading_carries_an_arrow() -> None:
    assert sorts.arrow("arr", "Highest ARR") == " ↓"
    assert sorts.arrow("score", "Lowest score") == " ↑"
    assert sorts.arrow("status", "Lowest score") == ""
    assert sorts.arrow("name", "Lowest score") == ""
