"""How much the product's API is called, and how well the calls go."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field

from scoring.factors.base import Columns, KeyNumber, Params, Row, Scores
from scoring.factors.usage import UsageFactor, prorated, prorated_details, told_target
from scoring.signals import Signal
from scoring.text import days, moved, number, percent, plural

SILENT_DAYS = 7
"""An endpoint without a call for so long counts as gone silent."""


class ApiUsageParams(Params):
    """Parameters of api_usage."""

    expected: float = Field(gt=0, description="calls in the window that score 100")
    error_tolerance: float = Field(ge=0, le=1, description="share of errors that costs nothing")


class ApiUsage(UsageFactor[ApiUsageParams]):
    """API calls against what a segment usually makes, less the errors beyond a tolerance."""

    name = "api_usage"
    label = "API usage"
    formula = (
        "100 · min(1, calls in window / expected) · (1 − max(0, error_rate − error_tolerance)); "
        "error_rate is 0 without calls"
    )
    description = (
        "How deeply the product is built into the customer's own systems, and if it works."
    )
    source = "api_call"
    source_label = "API calls"
    params_type = ApiUsageParams

    def signals(self, params: ApiUsageParams) -> tuple[Signal, ...]:
        return (Signal("api_calls", params.window), Signal("api_errors", params.window))

    def detail_signals(self, params: ApiUsageParams) -> tuple[Signal, ...]:
        found = (
            Signal("distinct_endpoints", params.window),
            Signal("days_since_api_call", params.window),
        )
        silent = _silent_endpoints(params)
        return found if silent is None else (*found, silent)

    def evaluate(self, columns: Columns, params: ApiUsageParams) -> Scores:
        calls, errors = (columns[signal.column] for signal in self.signals(params))
        volume = np.minimum(1.0, calls / prorated(params.expected, columns, params.window))
        error_rate = errors / np.maximum(calls, 1)
        return 100.0 * volume * (1.0 - np.maximum(0.0, error_rate - params.error_tolerance))

    def details(self, row: Row, params: ApiUsageParams) -> dict[str, Any]:
        def whole(name: str) -> int:
            return int(row[Signal(name, params.window).column])

        calls, errors, since = whole("api_calls"), whole("api_errors"), whole("days_since_api_call")
        silent = _silent_endpoints(params)
        return {
            **prorated_details(params.expected, row, params.window, name="expected_calls"),
            "segment": str(row["segment"]),
            "calls": calls,
            "errors": errors,
            "error_rate": errors / max(calls, 1),
            "error_tolerance": params.error_tolerance,
            "distinct_endpoints": _known(whole("distinct_endpoints")),
            "silent_endpoints": None if silent is None else _known(int(row[silent.column])),
            "days_since_api_call": _known(since),
        }

    def summarise(self, details: Mapping[str, Any]) -> str:
        calls, expected = details["calls"], details["expected_calls"]
        window, share = days(details["observed_days"]), percent(calls / expected)
        pro_rated = "pro-rated " if details["pro_rated"] else ""
        usual = f"the {pro_rated}{number(expected, 0)} that {_segment(details['segment'])} customer"
        usual += " is expected to make"
        if not calls:
            return f"No API calls in {window}, of {usual}."
        of_usual = f"above {usual}" if calls > expected else f"{share} of {usual}"
        text = f"{plural(calls, 'API call')} in {window}, {of_usual}"
        if details["error_rate"] > details["error_tolerance"]:
            text += f", and {percent(details['error_rate'], 1)} of the calls failed"
        return f"{text}."

    def recommend(self, details: Mapping[str, Any]) -> str:
        calls, since = details["calls"], details["days_since_api_call"]
        if since is None:
            return (
                f"Ask whether the integration is still running: no API call for "
                f"{days(details['observed_days'])} or more."
            )
        if _cost_of_errors(details) >= max(0.0, 1 - calls / details["expected_calls"]):
            return (
                f"Help fix the integration: {percent(details['error_rate'], 1)} of "
                f"{plural(calls, 'call')} failed, {plural(details['errors'], 'error')} in "
                f"{days(details['observed_days'])}."
            )
        if since >= SILENT_DAYS:
            return f"Ask why the integration stopped: no API call for {days(since)}."
        silent, endpoints = details["silent_endpoints"], details["distinct_endpoints"]
        if silent:
            have = "has" if silent == 1 else "have"
            return (
                f"Ask which integration stopped: {number(silent)} of "
                f"{plural(endpoints, 'endpoint')} {have} had no call for {days(SILENT_DAYS)} "
                "or more."
            )
        short = plural(math.ceil(details["expected_calls"] - calls), "API call")
        usual = f"{_segment(details['segment'])} customer"
        return f"Offer help with integrating more: {short} short of what {usual} makes."

    def numbers(self, details: Mapping[str, Any]) -> list[KeyNumber]:
        volume = f"{number(details['calls'])} of {number(details['expected_calls'], 0)}"
        found = [
            KeyNumber("Calls", volume),
            KeyNumber("Errors", percent(details["error_rate"], 1)),
        ]
        if details["distinct_endpoints"] is not None:
            found.append(KeyNumber("Endpoints", number(details["distinct_endpoints"])))
        return found

    def tell_change(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
        window = days(now["observed_days"])
        if was["calls"] == now["calls"]:
            text = f"{plural(now['calls'], 'API call')} in {window}, as before"
        else:
            text = f"{moved('API calls', was['calls'], now['calls'])} in {window}"
        text += told_target(was, now, "expected_calls", "pro-rated expectation")
        if _cost_of_errors(was) == _cost_of_errors(now):
            return text
        rates = [percent(details["error_rate"], 1) for details in (was, now)]
        return f"{text}, and {rates[1]} of them failed instead of {rates[0]}"


def _silent_endpoints(params: ApiUsageParams) -> Signal | None:
    """Endpoints called in the window but not in its newest days."""
    older = params.window - SILENT_DAYS
    return Signal("distinct_endpoints", older, offset=SILENT_DAYS) if older >= 1 else None


def _cost_of_errors(details: Mapping[str, Any]) -> float:
    """Share of the score that errors cost."""
    return max(0.0, float(details["error_rate"]) - float(details["error_tolerance"]))


def _known(count: int) -> int | None:
    return count if count >= 0 else None


def _segment(name: str) -> str:
    spoken = "SMB" if name == "smb" else name.replace("_", " ")
    article = "an" if spoken[:1].lower() in "aeio" or spoken == "SMB" else "a"
    return f"{article} {spoken}"
