"""What the factors of product usage share: how they treat young customers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from scoring.factors.base import Columns, Factor, P, Row, Scores
from scoring.text import number

MIN_AGE_DAYS = 7
"""A younger customer's usage says nothing yet."""


class UsageFactor(Factor[P]):
    """A factor of product usage: null for the first seven days, then held to a pro-rated target."""

    def min_age(self, params: P) -> int:  # noqa: ARG002
        return MIN_AGE_DAYS


def prorated(target: float, columns: Columns, window: int) -> Scores:
    """The target, × min(1, age / window) for a customer younger than the window."""
    age = np.maximum(columns["age_days"], 1)  # younger rows are null anyway: no division by 0
    return target * np.minimum(1.0, age / window)


def prorated_details(target: float, row: Row, window: int, *, name: str) -> dict[str, Any]:
    """The same for one row, under `name`, with the days it stands for and whether it is less."""
    observed = min(window, max(int(row["age_days"]), 1))
    return {
        "window_days": window,
        "observed_days": observed,
        name: target * min(1.0, observed / window),
        "pro_rated": observed < window,
    }


def spoken_target(details: Mapping[str, Any], name: str) -> str:
    """`target of 20`, `pro-rated target of 6.7`."""
    kind = "pro-rated target" if details["pro_rated"] else "target"
    return f"{kind} of {number(details[name])}"


def told_target(
    was: Mapping[str, Any], now: Mapping[str, Any], name: str, what: str = "target"
) -> str:
    """`, of a target of 20 instead of 14` where it grew with the customer's age; else nothing."""
    if number(was[name]) == number(now[name]):
        return ""
    return f", of a {what} of {number(now[name])} instead of {number(was[name])}"
