"""Cells of the CSV: text that a spreadsheet would run is made text again."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.customer_export import cell

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋"])
def test_a_formula_becomes_text(start: str) -> None:
    assert cell(f"{start}SUM(A1)") == f"'{start}SUM(A1)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (-8.456, "-8.46"),
        (Decimal("-12.5000"), "-12.5"),
        (Decimal("227100.0000"), "227100"),
        (Decimal(0), "0"),
        (42, "42"),
        (date(2027, 7, 2), "2027-07-02"),
        (datetime(2027, 7, 2, 9, 15, tzinfo=UTC), "2027-07-02T09:15:00+00:00"),
        ("Acme = great", "Acme = great"),
    ],
)
def test_the_rest_stays_as_it_is(value: object, text: str) -> None:
    assert cell(value) == text
