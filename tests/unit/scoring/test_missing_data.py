"""Null, neutral, not connected, too new, pro-rated: which is which, to the day."""

import numpy as np
import pytest

from scoring.model import parse_model
from tests.unit.scoring.builders import MODELS, builtin, explained, score

pytestmark = pytest.mark.unit

STANDARD, MOMENTUM = builtin("standard"), builtin("momentum")


@pytest.mark.parametrize(
    ("factor", "source"),
    [
        ("login_frequency", "login"),
        ("feature_adoption", "feature_use"),
        ("api_usage", "api_call"),
        ("support_tickets", "support_ticket"),
    ],
)
def test_not_connected_is_null_and_connected_absence_is_a_true_value(
    factor: str, source: str
) -> None:
    assert np.isnan(score(STANDARD, **{f"connected_{source}": False})[f"score_{factor}"])
    connected = score(STANDARD)[f"score_{factor}"]
    assert connected == (100 if factor == "support_tickets" else 0)


def test_not_connected_says_so() -> None:
    words = explained(STANDARD, connected_login=False)["login_frequency"]
    assert words.summary == "No customer has sent logins yet: the source is not connected."
    assert (words.score, words.recommendation) == (None, None)


@pytest.mark.parametrize("factor", ["api_usage", "login_frequency", "feature_adoption"])
def test_usage_counts_from_day_7_on(factor: str) -> None:
    assert np.isnan(score(STANDARD, age_days=6)[f"score_{factor}"])
    assert score(STANDARD, age_days=7)[f"score_{factor}"] == 0
    words = explained(STANDARD, age_days=3)[factor]
    assert words.summary == "Too new: 3 days old, scored from day 7."


def test_tickets_and_invoices_count_from_day_0_on() -> None:
    result = score(STANDARD, age_days=0, invoices_due_180d=1)
    assert result["score_support_tickets"] == 100
    assert result["score_payment_timeliness"] == 100


def test_api_trend_needs_two_windows() -> None:
    assert np.isnan(score(MOMENTUM, age_days=59)["score_api_trend"])
    assert score(MOMENTUM, age_days=60)["score_api_trend"] == 50


def test_targets_are_pro_rated_by_age() -> None:
    result = score(STANDARD, age_days=15, logins_30d=5, api_calls_30d=125, features_used_90d=1)
    assert result["score_login_frequency"] == 50
    assert result["score_api_usage"] == 50
    assert result["score_feature_adoption"] == 75
    assert score(STANDARD, age_days=30, logins_30d=5)["score_login_frequency"] == 25
    assert score(STANDARD, age_days=29, logins_30d=5)["score_login_frequency"] > 25
    words = explained(STANDARD, age_days=15, logins_30d=5, active_days_30d=4)["login_frequency"]
    assert words.summary == "5 logins in 15 days on 4 days, of a pro-rated target of 10."


def test_no_invoice_is_no_data_or_neutral() -> None:
    missing = score(STANDARD)
    assert np.isnan(missing["score_payment_timeliness"])
    assert missing["coverage"] == 0.75
    assert missing["effective_login_frequency"] == pytest.approx(0.2 / 0.75)
    neutral = score(MOMENTUM)
    assert neutral["score_payment_timeliness"] == 50
    assert neutral["neutral_payment_timeliness"]
    assert neutral["effective_payment_timeliness"] == pytest.approx(0.2)
    assert neutral["coverage"] == 0.8
    words = explained(MOMENTUM)["payment_timeliness"]
    assert words.summary == "No invoices due in 180 days: counted as a neutral 50."
    assert words.details == {"missing": "no_invoices", "neutral": True}
    assert explained(STANDARD)["payment_timeliness"].summary == "No invoices due in 180 days."


def test_half_the_weight_is_enough_and_less_is_not() -> None:
    half = score(STANDARD, connected_api_call=False, connected_login=False, invoices_due_180d=1)
    assert (half["coverage"], half["status"]) == (0.5, "at_risk")
    less = score(STANDARD, connected_api_call=False, connected_login=False)
    assert (less["coverage"], less["status"]) == (0.25, "no_data")
    assert np.isnan(less["overall_score"])


def test_a_neutral_factor_does_not_cover() -> None:
    result = score(MOMENTUM, connected_login=False, connected_api_call=False)
    assert (result["coverage"], result["status"]) == (0.45, "no_data")


def test_before_day_0_there_is_no_score() -> None:
    result = score(MOMENTUM, age_days=-1, invoices_due_180d=2)
    assert (result["status"], result["coverage"]) == ("no_data", 0)
    assert np.isnan(result["overall_score"])
    assert not score(MOMENTUM, age_days=-1)["neutral_payment_timeliness"]


def test_bands_are_half_open() -> None:
    full = {"api_calls_30d": 500, "logins_30d": 20, "features_used_90d": 8}
    invoices = {"invoices_due_180d": 1}
    perfect = score(STANDARD, **full, **invoices)
    assert (perfect["overall_score"], perfect["status"]) == (100, "healthy")
    at_75 = {"api_calls_30d": 375, "logins_30d": 15, "features_used_90d": 6}
    late = {"invoices_due_180d": 4, "late_days_180d_cap30": 30, "tickets_urgent_90d": 1}
    exactly = score(STANDARD, **at_75, **late)
    assert (exactly["overall_score"], exactly["status"]) == (75, "healthy")
    below = score(STANDARD, **at_75 | {"api_calls_30d": 374}, **late)
    assert (round(below["overall_score"], 2), below["status"]) == (74.94, "at_risk")


def test_an_unrounded_score_just_below_the_band_stays_below() -> None:
    million = parse_model(
        (MODELS / "standard.toml").read_text(encoding="utf-8").replace("= 500", "= 5_000_000")
    )
    at_75 = {"logins_30d": 15, "features_used_90d": 6, "invoices_due_180d": 4}
    late = {"late_days_180d_cap30": 30, "tickets_urgent_90d": 1}
    below = score(million, api_calls_30d=3_749_999, **at_75, **late)
    assert round(below["overall_score"], 2) == 75.0
    assert below["status"] == "at_risk"


def test_a_segment_may_override_windows_targets_and_features() -> None:
    text = (
        (MODELS / "standard.toml").read_text(encoding="utf-8")
        + """
[factors.login_frequency.segments.startup]
window = 7
target = 5
[factors.feature_adoption.segments.startup]
key_features = ["Alerts", "SSO"]
"""
    )
    model = parse_model(text)
    (keyed,) = (s for s in model.signals() if s.name == "features_used" and s.keys)
    changes = {"logins_30d": 10, "logins_7d": 4, "features_used_90d": 8, keyed.column: 1}
    startup = score(model, segment="startup", api_calls_30d=100, **changes)
    assert startup["score_login_frequency"] == 80
    assert startup["score_feature_adoption"] == 50
    assert startup["score_api_usage"] == 50
    smb = score(model, api_calls_30d=100, **changes)
    assert smb["score_login_frequency"] == 50
    assert smb["score_feature_adoption"] == 100
    assert smb["score_api_usage"] == 20
    assert score(model, segment="enterprise", api_calls_30d=100)["score_api_usage"] == 10
