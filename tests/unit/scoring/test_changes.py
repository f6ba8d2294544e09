"""A difference of two scores, split by cause: exact sums, in a fixed order, in plain words."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.change_words import Part, Side, tell
from scoring.changes import Split, split
from scoring.engine import score_columns
from scoring.model import ScoringModel, parse_model
from tests.unit.scoring import strategies
from tests.unit.scoring.builders import MODELS, builtin, row, table

pytestmark = pytest.mark.unit
STANDARD, MOMENTUM = builtin("standard"), builtin("momentum")
_TEXT = (MODELS / "standard.toml").read_text(encoding="utf-8")
STRICT = parse_model(_TEXT.replace("target = 20", "target = 40"))
EVERYTHING = parse_model(
    _TEXT.replace("0.30", "0.20")
    + "\n[factors.api_trend]\nweight = 0.10\nwindow = 30\nsmoothing = 10"
)
"""Reads every column that the built-in models read."""
MODELS_IN_USE = st.sampled_from([STANDARD, MOMENTUM, STRICT, EVERYTHING])
FEATURES = ["Alerts", "API", "Exports", "Reports", "Search", "SSO"]
KNOWN: dict[str, Any] = {
    "logins_30d": 22,
    "api_calls_30d": 400,
    "days_since_api_call_30d": 0,
    "days_since_login_30d": 0,
    "features_used_90d": 6,
    "feature_names_90d": FEATURES,
    "invoices_due_180d": 4,
    "tickets_medium_90d": 2,
}


def columns(*rows: dict[str, Any]) -> dict[str, Any]:
    return {str(name): values.to_numpy() for name, values in table(*rows).items()}


def changed(
    was: dict[str, Any], now: dict[str, Any], old: ScoringModel, new: ScoringModel
) -> tuple[Split, list[Part]]:
    found = split(columns(was), columns(now), old_model=old, new_model=new)
    sides = Side(was, f"{old.name} version 1"), Side(now, f"{new.name} version 2")
    return found, tell(found, 0, *sides, new)


def told(now: dict[str, Any]) -> dict[str, Part]:
    before = row(STANDARD, **KNOWN)
    _, parts = changed(before, before | now, STANDARD, STANDARD)
    return {part.factor_name or part.kind: part for part in parts}


@settings(max_examples=60)
@given(st.data(), MODELS_IN_USE, MODELS_IN_USE)
def test_the_parts_add_up_whatever_happened(
    data: st.DataObject, old: ScoringModel, new: ScoringModel
) -> None:
    was = [data.draw(strategies.rows(EVERYTHING)) for _ in range(3)]
    now = [data.draw(strategies.rows(EVERYTHING)) for _ in range(3)]
    before, after = columns(*was), columns(*now)
    found = split(before, after, old_model=old, new_model=new)

    first = score_columns(before, old)["overall_score"]
    last = score_columns(after, new)["overall_score"]
    np.testing.assert_array_equal(found.score_from, first)
    np.testing.assert_array_equal(found.score_to, last)
    for n in range(3):
        parts = tell(found, n, Side(was[n], "one"), Side(now[n], "other"), new)
        if np.isnan(first[n]) or np.isnan(last[n]):
            assert parts == []
        else:
            assert abs(sum(part.delta for part in parts) - (last[n] - first[n])) <= 1e-9
            assert all(part.summary.endswith(".") for part in parts)


@settings(max_examples=30)
@given(st.data())
def test_a_row_alone_splits_as_among_others(data: st.DataObject) -> None:
    was, now = ([data.draw(strategies.rows(EVERYTHING)) for _ in range(2)] for _ in range(2))
    together = split(columns(*was), columns(*now), old_model=STANDARD, new_model=MOMENTUM)
    alone = split(columns(was[1]), columns(now[1]), old_model=STANDARD, new_model=MOMENTUM)
    for name in ("model", "segment", "coverage"):
        np.testing.assert_array_equal(getattr(together, name)[1:], getattr(alone, name))
    for name, points in alone.factors.items():
        np.testing.assert_array_equal(together.factors[name][1:], points)


def test_nothing_changed_is_no_part() -> None:
    assert told({}) == {}


def test_each_factor_moves_by_its_weight() -> None:
    part = told({"logins_30d": 6})["login_frequency"]
    assert part.delta == pytest.approx(0.2 * (30 - 100))
    assert part.summary == "Logins fell from 22 to 6 in 30 days: −14.0."


def test_only_the_model_changed() -> None:
    facts = row(EVERYTHING, **KNOWN)
    found, parts = changed(facts, facts, STANDARD, STRICT)
    assert [part.kind for part in parts] == ["model"]
    assert parts[0].delta == pytest.approx(0.2 * (55 - 100)) == pytest.approx(found.delta[0])
    assert parts[0].summary == "Scored by standard version 2 instead of standard version 1: −9.0."


def test_only_the_segment_changed() -> None:
    part = told({"segment": "enterprise"})["segment"]
    assert part.delta == pytest.approx(0.3 * (40 - 80))
    assert part.summary == "The segment changed from smb to enterprise: −12.0."


def test_the_model_goes_first_and_the_segment_meets_the_new_one() -> None:
    """momentum knows no expectation by segment, so a change of segment costs nothing any more."""
    was = row(EVERYTHING, **KNOWN)
    _, parts = changed(was, was | {"segment": "enterprise"}, STANDARD, MOMENTUM)
    assert [part.kind for part in parts] == ["model"]


def test_data_that_goes_missing_is_coverage_and_the_others_keep_their_weight() -> None:
    found = told({"invoices_due_180d": 0, "logins_30d": 6})
    assert found["coverage"].summary.startswith("Data went missing for Payment timeliness: ")
    assert found["login_frequency"].delta == pytest.approx(0.2 / 0.75 * (30 - 100))
    assert "payment_timeliness" not in found


def test_data_that_comes_is_coverage_too() -> None:
    before = row(STANDARD, **(KNOWN | {"invoices_due_180d": 0}))
    _, parts = changed(before, before | {"invoices_due_180d": 4}, STANDARD, STANDARD)
    assert [part.kind for part in parts] == ["coverage"]
    assert parts[0].summary.startswith("Data came for Payment timeliness: +")


def test_a_neutral_score_that_becomes_real_is_data_that_came() -> None:
    before = row(EVERYTHING, **(KNOWN | {"invoices_due_180d": 0}))
    _, parts = changed(before, before | {"invoices_due_180d": 4}, MOMENTUM, MOMENTUM)
    assert [(part.kind, part.delta) for part in parts] == [("coverage", pytest.approx(0.2 * 50))]


def test_without_a_score_on_either_day_there_is_nothing_to_split() -> None:
    silent = {name: False for name in row(STANDARD) if name.startswith("connected_")}
    found, parts = changed(row(STANDARD) | silent, row(STANDARD, **KNOWN), STANDARD, STANDARD)
    assert np.isnan(found.delta[0])
    assert np.isnan(found.coverage[0])
    assert parts == []


SENTENCES: dict[str, tuple[dict[str, Any], str, str]] = {
    "fewer calls": (
        {"api_calls_30d": 100},
        "api_usage",
        "API calls fell from 400 to 100 in 30 days",
    ),
    "more errors": (
        {"api_errors_30d": 100},
        "api_usage",
        "400 API calls in 30 days, as before, and 25% of them failed instead of 0%",
    ),
    "a feature less": (
        {"features_used_90d": 5, "feature_names_90d": FEATURES[1:]},
        "feature_adoption",
        "Features used fell from 6 to 5 in 90 days (no longer: Alerts)",
    ),
    "a feature more": (
        {"features_used_90d": 7, "feature_names_90d": [*FEATURES, "Zones"]},
        "feature_adoption",
        "Features used rose from 6 to 7 in 90 days (new: Zones)",
    ),
    "paid late": (
        {"invoices_due_180d": 5, "late_days_180d_cap30": 10, "late_days_180d_cap1": 1,
         "late_days_180d": 10},
        "payment_timeliness",
        "Invoices paid on time went from 4 of 4 to 4 of 5 in 180 days, the mean delay from 0 to 2 "
        "days",
    ),
    "still late": (
        {"late_days_180d_cap30": 8, "late_days_180d_cap1": 0, "late_days_180d": 8,
         "overdue_invoices_180d": 1},
        "payment_timeliness",
        "4 of 4 invoices due in 180 days were paid on time, as before, the mean delay from 0 to 2 "
        "days, 1 still unpaid",
    ),
    "more tickets": (
        {"tickets_urgent_90d": 1, "tickets_high_90d": 2},
        "support_tickets",
        "Tickets rose from 2 to 5 in 90 days (1 urgent and 2 high)",
    ),
    "worse tickets": (
        {"tickets_medium_90d": 1, "tickets_urgent_90d": 1},
        "support_tickets",
        "2 tickets in 90 days, as before, but their load rose from 2 to 3.5",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("now", "factor", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_sentences(now: dict[str, Any], factor: str, sentence: str) -> None:
    assert told(now)[factor].summary.startswith(sentence)


def test_a_target_that_grows_with_age_is_told() -> None:
    young, older = (
        row(STANDARD, **(KNOWN | {"logins_30d": 8, "age_days": age})) for age in (15, 30)
    )
    _, parts = changed(young, older, STANDARD, STANDARD)
    found = {part.factor_name: part.summary for part in parts}
    login = "8 logins in 30 days, as before, of a target of 20 instead of 10: "
    assert found["login_frequency"].startswith(login)


def test_a_trend_is_told_with_both_windows() -> None:
    calls = {"api_calls_30d": 40, "api_calls_30d_before_30d": 70}
    was, now = row(MOMENTUM), row(MOMENTUM, **calls)
    _, parts = changed(was, now, MOMENTUM, MOMENTUM)
    assert [part.summary for part in parts] == [
        "API calls in 30 days against the 30 days before went from 0 against 0 to 40 against 70: "
        "−1.3."
    ]
