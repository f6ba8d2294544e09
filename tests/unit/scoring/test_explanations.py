"""Sentences, key numbers and advice, situation by situation."""

from typing import Any

import pytest

from scoring import registry
from scoring.model import parse_model
from tests.unit.scoring.builders import MODELS, builtin, explained

pytestmark = pytest.mark.unit
STANDARD, MOMENTUM = builtin("standard"), builtin("momentum")

CALLS = {"days_since_api_call_30d": 0, "distinct_endpoints_30d": 7}
LATE = {"invoices_due_180d": 6, "late_days_180d_cap30": 60, "late_days_180d_cap1": 3}
TICKETS = {"tickets_medium_90d": 4, "resolution_hours_median_90d": 31.2}

CASES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "no calls": (
        "api_usage",
        {},
        "No API calls in 30 days, of the 500 that an SMB customer is expected to make.",
        "Ask whether the integration is still running: no API call for 30 days or more.",
    ),
    "few calls": (
        "api_usage",
        CALLS | {"api_calls_30d": 314, "distinct_endpoints_23d_before_7d": 0},
        "314 API calls in 30 days, 63% of the 500 that an SMB customer is expected to make.",
        "Offer help with integrating more: 186 API calls short of what an SMB customer makes.",
    ),
    "a silent endpoint": (
        "api_usage",
        CALLS | {"api_calls_30d": 314, "distinct_endpoints_23d_before_7d": 1},
        "314 API calls in 30 days, 63% of the 500 that an SMB customer is expected to make.",
        "Ask which integration stopped: 1 of 7 endpoints has had no call for 7 days or more.",
    ),
    "calls stopped": (
        "api_usage",
        CALLS | {"api_calls_30d": 1, "days_since_api_call_30d": 12},
        "1 API call in 30 days, 0% of the 500 that an SMB customer is expected to make.",
        "Ask why the integration stopped: no API call for 12 days.",
    ),
    "errors": (
        "api_usage",
        CALLS | {"api_calls_30d": 1200, "api_errors_30d": 400},
        "1,200 API calls in 30 days, above the 500 that an SMB customer is expected to make, and "
        "33.3% of the calls failed.",
        "Help fix the integration: 33.3% of 1,200 calls failed, 400 errors in 30 days.",
    ),
    "nobody lately": (
        "login_frequency",
        {"logins_30d": 3, "active_days_30d": 2, "days_since_login_30d": 9},
        "3 logins in 30 days on 2 days, of a target of 20.",
        "Call the main user: nobody has logged in for 9 days.",
    ),
    "nobody": (
        "login_frequency",
        {},
        "No logins in 30 days, of a target of 20.",
        "Call the main contact: nobody has logged in for 30 days or more.",
    ),
    "one person": (
        "login_frequency",
        {"logins_30d": 1, "active_days_30d": 1, "days_since_login_30d": 0, "distinct_users_30d": 1},
        "1 login in 30 days on 1 day, of a target of 20.",
        "Offer training for a wider team: only 1 person logs in.",
    ),
    "rarely": (
        "login_frequency",
        {"logins_30d": 9, "active_days_30d": 5, "days_since_login_30d": 0},
        "9 logins in 30 days on 5 days, of a target of 20.",
        "Ask what keeps people away: 11 logins short of the target, on 5 days of 30.",
    ),
    "several overdue": (
        "payment_timeliness",
        LATE
        | {
            "overdue_invoices_180d": 2,
            "oldest_overdue_days_180d": 34,
            "oldest_overdue_invoice_180d": "INV-2291",
            "outstanding_180d": {"USD": 3546.0, "EUR": 12.5},
        },
        "3 of 6 invoices due in 180 days were paid on time, 2 still unpaid.",
        "Call about 2 overdue invoices, EUR 12.50 + $3,546 outstanding: INV-2291, the oldest, is "
        "34 days overdue.",
    ),
    "one overdue": (
        "payment_timeliness",
        {
            "invoices_due_180d": 1,
            "late_days_180d_cap30": 30,
            "late_days_180d_cap1": 1,
            "overdue_invoices_180d": 1,
            "oldest_overdue_days_180d": 34,
            "oldest_overdue_invoice_180d": "INV-7",
            "outstanding_180d": {"USD": 1200.0},
        },
        "The only invoice due in 180 days was not paid on time and is still unpaid after 34 days.",
        "Send a reminder for invoice INV-7, 34 days overdue: $1,200 outstanding.",
    ),
    "paid late": (
        "payment_timeliness",
        LATE | {"late_days_180d": 61},
        "3 of 6 invoices due in 180 days were paid on time.",
        "Agree on a payment date that fits: 3 invoices came 20.3 days late on average, none is "
        "open.",
    ),
    "none on time": (
        "payment_timeliness",
        {"invoices_due_180d": 2, "late_days_180d_cap30": 40, "late_days_180d_cap1": 2},
        "None of 2 invoices due in 180 days were paid on time.",
        "Agree on a payment date that fits: 2 invoices came 0 days late on average, none is open.",
    ),
    "unused features": (
        "feature_adoption",
        {
            "features_used_90d": 4,
            "feature_names_90d": ["Login"],
            "other_features_90d": ["Alerts", "Exports", "SSO"],
        },
        "4 of 8 features used in 90 days.",
        "Offer a session on Alerts and Exports, which other customers use and this one does not.",
    ),
    "no features": (
        "feature_adoption",
        {},
        "No features used in 90 days, of a target of 8.",
        "Offer a guided tour: no feature was used in 90 days.",
    ),
    "nothing to compare": (
        "feature_adoption",
        {"features_used_90d": 1},
        "1 of 8 features used in 90 days.",
        "Offer a session on unused features: 7 features short of the target.",
    ),
    "urgent and open": (
        "support_tickets",
        TICKETS
        | {
            "tickets_urgent_90d": 2,
            "tickets_open_90d": 3,
            "tickets_urgent_open_90d": 1,
            "oldest_open_days_90d": 6,
        },
        "6 tickets (2 urgent) in 90 days, 3 still open.",
        "Escalate the urgent ticket still open; the oldest open ticket is 6 days old.",
    ),
    "open": (
        "support_tickets",
        TICKETS | {"tickets_open_90d": 1, "oldest_open_days_90d": 1},
        "4 tickets in 90 days, 1 still open.",
        "Resolve the open ticket, 1 day old.",
    ),
    "several open": (
        "support_tickets",
        TICKETS | {"tickets_open_90d": 2, "oldest_open_days_90d": 5},
        "4 tickets in 90 days, 2 still open.",
        "Resolve the 2 open tickets, the oldest 5 days old.",
    ),
    "all resolved": (
        "support_tickets",
        TICKETS,
        "4 tickets in 90 days, none open.",
        "Review the causes together: 4 tickets in 90 days, all resolved.",
    ),
}
TRENDS: dict[tuple[int, int], tuple[str, str]] = {
    (0, 0): (
        "No API calls in 60 days: neither growth nor loss.",
        "Show what the API can do: no call in 60 days.",
    ),
    (0, 70): (
        "0 API calls in 30 days, 70 in the 30 days before (−100%).",
        "Ask whether the integration was switched off: 70 API calls in the 30 days before, none "
        "since.",
    ),
    (45, 70): (
        "45 API calls in 30 days, 70 in the 30 days before (−36%).",
        "Ask what changed: 25 API calls fewer than in the 30 days before.",
    ),
    (70, 70): (
        "70 API calls in 30 days, 70 in the 30 days before (0%).",
        "Plan the next integration: calls are level at 70 in 30 days.",
    ),
    (1, 0): (
        "1 API call in 30 days, 0 in the 30 days before.",
        "Help the first integration along: 1 API call in 30 days, none before.",
    ),
    (84, 70): (
        "84 API calls in 30 days, 70 in the 30 days before (+20%).",
        "Support the growth of +20%: plan what comes next.",
    ),
}


@pytest.mark.parametrize(
    ("factor", "changes", "summary", "advice"), CASES.values(), ids=CASES.keys()
)
def test_words(factor: str, changes: dict[str, Any], summary: str, advice: str) -> None:
    found = explained(STANDARD, **changes)[factor]
    assert found.summary == summary
    assert found.score is not None
    assert found.score < 75, "the case must be one that needs advice"
    assert found.recommendation == advice


@pytest.mark.parametrize(("calls", "words"), TRENDS.items())
def test_words_of_the_trend(calls: tuple[int, int], words: tuple[str, str]) -> None:
    now, before = calls
    changes = {"api_calls_30d": now, "api_calls_30d_before_30d": before}
    found = explained(MOMENTUM, **changes)["api_trend"]
    assert (found.summary, found.recommendation) == words


def test_no_advice_from_the_healthy_band_on() -> None:
    assert explained(STANDARD, logins_30d=15)["login_frequency"].recommendation is None
    assert explained(STANDARD, logins_30d=14)["login_frequency"].recommendation is not None


def test_a_neutral_factor_gets_advice_to_send_data() -> None:
    advice = explained(MOMENTUM)["payment_timeliness"].recommendation
    assert advice == (
        "Record this customer's invoices: none is known for the window, so payment counts as a "
        "neutral 50."
    )


def test_key_and_advanced_features() -> None:
    text = (MODELS / "standard.toml").read_text(encoding="utf-8")
    features = 'key_features = ["Alerts", "SSO", "API keys"]\nadvanced_features = ["SSO", "Audit"]'
    model = parse_model(text.replace("target_features = 8", features))
    (keyed,) = (signal for signal in model.signals() if signal.name == "features_used")
    used = {keyed.column: 1, "feature_names_90d": ["Reports", "SSO"]}

    found = explained(model, other_features_90d=["Exports"], **used)["feature_adoption"]

    assert found.summary == "1 of 3 key features used in 90 days."
    assert found.score == pytest.approx(100 / 3)
    assert found.recommendation == (
        "Offer a session on Alerts and API keys, of the features that matter most, still unused."
    )
    assert found.details["unused_features"] == ["Alerts", "API keys"]
    assert found.details["advanced_features_used"] == ["SSO"]
    assert registry.FACTORS[3].key_numbers(found.details)[2:] == [
        ("Advanced", "1 of 2"),
        ("Unused", "Alerts, API keys"),
    ]


@pytest.mark.parametrize(
    ("factor", "changes", "shown"),
    [
        (
            "login_frequency",
            {"logins_30d": 3, "active_days_30d": 2, "session_seconds_30d": 900},
            {"Logins": "3 of 20", "Active days": "2", "Session time": "15 min"},
        ),
        (
            "api_usage",
            {"api_calls_30d": 314, "api_errors_30d": 4, "distinct_endpoints_30d": 8},
            {"Calls": "314 of 500", "Errors": "1.3%", "Endpoints": "8"},
        ),
        (
            "feature_adoption",
            {"features_used_90d": 4, "other_features_90d": ["Alerts", "Exports", "SSO", "Z"]},
            {"Used": "4 of 8", "Adoption": "50%", "Unused": "Alerts, Exports, SSO"},
        ),
        (
            "payment_timeliness",
            LATE | {"late_days_180d": 120, "outstanding_180d": {"USD": 3546.0}},
            {"On time": "50%", "Mean delay": "20 days", "Outstanding": "$3,546"},
        ),
        (
            "support_tickets",
            TICKETS | {"satisfaction_mean_90d": 3.4, "tickets_open_90d": 2},
            {
                "Tickets": "4",
                "Open": "2",
                "Median resolution": "31 h",
                "Satisfaction": "3.4 of 5",
            },
        ),
    ],
)
def test_key_numbers(factor: str, changes: dict[str, Any], shown: dict[str, str]) -> None:
    plugin = registry.find(factor)
    assert plugin is not None
    details = explained(STANDARD, oldest_open_days_90d=3, **changes)[factor].details
    assert dict(plugin.key_numbers(details)) == shown
