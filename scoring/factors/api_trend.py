"""Whether API usage grows or shrinks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field

from scoring.factors.base import Columns, KeyNumber, Params, Row, Scores
from scoring.factors.usage import UsageFactor
from scoring.signals import Signal
from scoring.text import days, number, plural, signed_percent


class ApiTrendParams(Params):
    """Parameters of api_trend."""

    smoothing: float = Field(ge=0, description="calls added to the divisor, so few calls move less")


class ApiTrend(UsageFactor[ApiTrendParams]):
    """API calls in the window against the window before it."""

    name = "api_trend"
    label = "API trend"
    formula = (
        "50 + 50 · (c − p) / (c + p + smoothing), c = calls in the window, p = in the window "
        "before it; 50 where both are 0"
    )
    description = "The direction of API usage: above 50 it grows, below 50 it shrinks."
    source = "api_call"
    source_label = "API calls"
    more_gaps = ("for customers younger than two windows",)
    params_type = ApiTrendParams

    def min_age(self, params: ApiTrendParams) -> int:
        return max(super().min_age(params), 2 * params.window)

    def signals(self, params: ApiTrendParams) -> tuple[Signal, ...]:
        return (
            Signal("api_calls", params.window),
            Signal("api_calls", params.window, offset=params.window),
        )

    def detail_signals(self, params: ApiTrendParams) -> tuple[Signal, ...]:
        return (Signal("days_since_api_call", params.window),)

    def evaluate(self, columns: Columns, params: ApiTrendParams) -> Scores:
        now, before = (columns[signal.column] for signal in self.signals(params))
        volume = now + before
        divisor = np.where(volume == 0, 1.0, volume + params.smoothing)
        return 50.0 + 50.0 * (now - before) / divisor

    def details(self, row: Row, params: ApiTrendParams) -> dict[str, Any]:
        now, before = (int(row[signal.column]) for signal in self.signals(params))
        since = int(row[Signal("days_since_api_call", params.window).column])
        return {
            "window_days": params.window,
            "calls": now,
            "calls_before": before,
            "change": (now - before) / before if before else None,
            "days_since_api_call": since if since >= 0 else None,
        }

    def summarise(self, details: Mapping[str, Any]) -> str:
        now, before = details["calls"], details["calls_before"]
        window = days(details["window_days"])
        if not now and not before:
            span = days(2 * details["window_days"])
            return f"No API calls in {span}: neither growth nor loss."
        text = f"{plural(now, 'API call')} in {window}, {number(before)} in the {window} before"
        return f"{text}." if not before else f"{text} ({signed_percent(details['change'])})."

    def recommend(self, details: Mapping[str, Any]) -> str:
        now, before = details["calls"], details["calls_before"]
        window = days(details["window_days"])
        if not now and not before:
            return f"Show what the API can do: no call in {days(2 * details['window_days'])}."
        if not now:
            return (
                f"Ask whether the integration was switched off: {plural(before, 'API call')} in "
                f"the {window} before, none since."
            )
        if now < before:
            return (
                f"Ask what changed: {plural(before - now, 'API call')} fewer than in the {window} "
                "before."
            )
        if not before:
            return (
                f"Help the first integration along: {plural(now, 'API call')} in {window}, none "
                "before."
            )
        if now == before:
            return f"Plan the next integration: calls are level at {number(now)} in {window}."
        return f"Support the growth of {signed_percent(details['change'])}: plan what comes next."

    def numbers(self, details: Mapping[str, Any]) -> list[KeyNumber]:
        found = [
            KeyNumber("Calls", number(details["calls"])),
            KeyNumber("Before", number(details["calls_before"])),
        ]
        if details["change"] is not None:
            found.append(KeyNumber("Change", signed_percent(details["change"])))
        return found

    def tell_change(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
        window = days(now["window_days"])
        pairs = [
            f"{number(details['calls'])} against {number(details['calls_before'])}"
            for details in (was, now)
        ]
        return (
            f"API calls in {window} against the {window} before went from {pairs[0]} to {pairs[1]}"
        )
