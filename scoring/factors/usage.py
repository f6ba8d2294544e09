"""What the factors of product usage share: how they treat young customers."""

from typing import Any

import numpy as np

from scoring.factors.base import Columns, Factor, P, Row, Scores

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


def prorated_for(target: float, row: Row | dict[str, Any], window: int) -> float:
    """The same for one row."""
    return target * min(1.0, max(int(row["age_days"]), 1) / window)
