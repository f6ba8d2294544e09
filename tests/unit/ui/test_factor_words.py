"""A factor in a few words, built from what each factor says of itself."""

from typing import Any

import pytest

from services.views import FactorScore
from ui.factor_words import in_short

pytestmark = pytest.mark.unit

USAGE = {
    "window_days": 30,
    "observed_days": 30,
    "expected_calls": 200.0,
    "calls": 34,
    "errors": 2,
    "error_rate": 2 / 34,
    "error_tolerance": 0.05,
    "distinct_endpoints": 3,
}
PAYMENT = {
    "window_days": 180,
    "on_time_share": 0.5,
    "mean_delay_days": 12.0,
    "outstanding": {"USD": 100.0},
}


def factor(name: str, details: dict[str, Any]) -> FactorScore:
    return FactorScore(
        factor_name=name,
        label=name,
        score=17.0,
        weight=0.3,
        effective_weight=0.3,
        contribution=5.1,
        neutral=False,
        summary="The whole sentence.",
        details=details,
        recommendation=None,
    )


@pytest.mark.parametrize(
    ("name", "details", "words"),
    [
        ("api_usage", USAGE, "34 of 200 calls in 30 days, 5.9% errors"),
        ("api_usage", USAGE | {"observed_days": 12}, "34 of 200 calls in 12 days, 5.9% errors"),
        ("payment_timeliness", PAYMENT, "50% on time in 180 days, 12 days mean delay"),
    ],
)
def test_the_first_two_numbers_and_their_span(
    name: str, details: dict[str, Any], words: str
) -> None:
    assert in_short(factor(name, details)) == words


@pytest.mark.parametrize(
    ("name", "details"),
    [("api_usage", {"missing": "too_new", "neutral": True}), ("of_another_version", {})],
)
def test_without_numbers_the_sentence_stands(name: str, details: dict[str, Any]) -> None:
    assert in_short(factor(name, details)) == "The whole sentence"
