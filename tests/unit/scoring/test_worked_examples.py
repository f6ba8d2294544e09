"""The three examples of the specification, factor by factor."""

from typing import Any

import pytest

from tests.unit.scoring.builders import builtin, score

pytestmark = pytest.mark.unit

MOMENTUM: dict[str, Any] = {
    "logins_30d": 10,
    "features_used_90d": 3,
    "tickets_medium_90d": 4,
    "invoices_due_180d": 3,
    "late_days_180d_cap1": 1,
    "api_calls_30d": 45,
    "api_calls_30d_before_30d": 70,
}
STANDARD: dict[str, Any] = {
    "api_calls_30d": 400,
    "api_errors_30d": 40,
    "logins_30d": 15,
    "invoices_due_180d": 4,
    "late_days_180d_cap30": 12,
    "features_used_90d": 6,
    "tickets_medium_90d": 2,
    "tickets_high_90d": 1,
}
EXAMPLES = {
    "1 momentum": (
        ("momentum", MOMENTUM),
        (56.83, "at_risk", 1.0),
        {
            "login_frequency": 50,
            "feature_adoption": 60,
            "support_tickets": 60,
            "payment_timeliness": 66.67,
            "api_trend": 40,
        },
    ),
    "2 standard": (
        ("standard", STANDARD),
        (78.05, "healthy", 1.0),
        {
            "api_usage": 76,
            "login_frequency": 75,
            "payment_timeliness": 90,
            "feature_adoption": 75,
            "support_tickets": 65,
        },
    ),
    "3 standard without invoices": (
        ("standard", STANDARD | {"invoices_due_180d": 0, "late_days_180d_cap30": 0}),
        (74.07, "at_risk", 0.75),
        {
            "api_usage": 76,
            "login_frequency": 75,
            "payment_timeliness": None,
            "feature_adoption": 75,
            "support_tickets": 65,
        },
    ),
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_worked_example(example: tuple[Any, ...]) -> None:
    (model, changes), (overall, status, coverage), factors = example

    result = score(builtin(model), **changes)

    assert round(result["overall_score"], 2) == overall
    assert result["status"] == status
    assert result["coverage"] == coverage
    for name, expected in factors.items():
        value = result[f"score_{name}"]
        assert (None if value != value else round(value, 2)) == expected, name


def test_unrounded_score_decides_the_band_of_example_3() -> None:
    result = score(builtin("standard"), **EXAMPLES["3 standard without invoices"][0][1])
    assert result["overall_score"] == pytest.approx(55.55 / 0.75, abs=1e-9)
    assert result["effective_api_usage"] == pytest.approx(0.4)
    assert result["effective_payment_timeliness"] == 0
