"""Numbers as people read them."""

import pytest

from scoring import text

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (text.number(1234), "1,234"),
        (text.number(4.66), "4.7"),
        (text.number(-3), "−3"),
        (text.number(-0.04), "0"),
        (text.number(100, 0), "100"),
        (text.plural(1, "day"), "1 day"),
        (text.plural(0, "day"), "0 days"),
        (text.plural(1234, "day"), "1,234 days"),
        (text.percent(0.012, 1), "1.2%"),
        (text.percent(1), "100%"),
        (text.percent(5 / 8), "63%"),
        (text.signed_percent(0.5), "+50%"),
        (text.signed_percent(-0.5), "−50%"),
        (text.signed_percent(0.001), "0%"),
        (text.money({}), "$0"),
        (text.money({"USD": 3546.0}), "$3,546"),
        (text.money({"USD": 0.5, "EUR": 1200.0}), "EUR 1,200 + $0.50"),
        (text.duration(45), "45 s"),
        (text.duration(900), "15 min"),
        (text.duration(12_000), "3 h 20 min"),
        (text.duration(7_200), "2 h"),
        (text.duration(3600 * 1234.4), "1,234 h"),
        (text.listed(["a"]), "a"),
        (text.listed(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_written(written: str, expected: str) -> None:
    assert written == expected
