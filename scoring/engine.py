"""Signals to scores: every factor, the weighted mean, coverage and status, a whole batch at once.

Everything is elementwise and factors are summed one after the other in registry order: a row alone
gets the same bits as among thousands.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.batch import score_factor, without_noise
from scoring.explanations import FactorExplanation, explain
from scoring.factors.base import Columns, Scores
from scoring.model import Bands, ScoringModel
from scoring.signals import CONTEXT

__all__ = ["MIN_COVERAGE", "FactorExplanation", "explain", "score", "score_columns"]

MIN_COVERAGE = 0.5
"""Below it there is no overall score."""


def score(signals: pd.DataFrame, model: ScoringModel) -> pd.DataFrame:
    """Score every row.

    Args:
        signals: one row for each (customer, as of), with the columns of `scoring.signals`.
        model: which factors, weights, parameters and bands.

    Returns:
        Indexed like `signals`, with the columns of `score_columns`.

    Raises:
        ValueError: when a column is missing or holds nulls.
    """
    scored = score_columns(_columns(signals, model), model)
    errors = {
        name: pd.Series(values, signals.index, dtype=object)  # None stays None
        for name, values in scored.items()
        if name.startswith("error_")
    }
    return pd.DataFrame({**scored, **errors}, index=signals.index)


def score_columns(columns: Columns, model: ScoringModel) -> dict[str, NDArray[Any]]:
    """Score every row of columns that have their exact types: for few rows, tables cost more
    than the scores.

    Returns:
        overall_score (0–100, NaN with status no_data), status, coverage (0–1), and for each factor
        of the model score_<name> (0–100, NaN without data), neutral_<name> (whether the score
        stands in for missing data), error_<name> (text where it raised, else None),
        effective_<name> (its share after missing factors are left out).
    """
    size = len(columns["age_days"])
    is_customer = columns["age_days"] >= 0
    shares, weighted, coverage = np.zeros(size), np.zeros(size), np.zeros(size)
    taking_part: dict[str, Scores] = {}
    result: dict[str, NDArray[Any]] = {}
    for factor in model.active_factors:
        weight = model.factors[factor.name].weight
        values, neutral, errors = score_factor(factor, columns, is_customer, model)
        present = ~np.isnan(values)
        share = np.where(present, weight, 0.0)
        shares = shares + share
        weighted = weighted + share * np.where(present, values, 0.0)
        coverage = coverage + np.where(neutral, 0.0, share)
        taking_part[factor.name] = share
        result[f"score_{factor.name}"] = values
        result[f"neutral_{factor.name}"] = neutral
        result[f"error_{factor.name}"] = errors
    divisor = np.where(shares > 0, shares, 1.0)
    coverage = without_noise(coverage)
    overall = np.where(coverage < MIN_COVERAGE, np.nan, without_noise(weighted / divisor))
    for name, share in taking_part.items():
        result[f"effective_{name}"] = share / divisor
    status = _status(overall, model.bands)
    return {"overall_score": overall, "status": status, "coverage": coverage, **result}


def _columns(signals: pd.DataFrame, model: ScoringModel) -> Columns:
    """The context and the model's signals as arrays of exact types."""
    types: dict[str, type] = {"segment": object, "age_days": np.int64}
    types |= {name: bool for name in CONTEXT if name.startswith("connected_")}
    for signal in model.signals():
        types[signal.column] = np.int64 if signal.kind == "integer" else np.float64
    absent = [name for name in types if name not in signals.columns]
    if absent:
        raise ValueError(f"columns are missing from the signals: {', '.join(absent)}")
    signals = signals.reset_index(drop=True)  # each column would make an index of its own
    found = {name: signals[name].to_numpy() for name in types}
    holes = [name for name, values in found.items() if _has_holes(values, types[name])]
    if holes:
        raise ValueError(f"columns of the signals hold nulls: {', '.join(holes)}")
    return {name: found[name].astype(dtype, copy=False) for name, dtype in types.items()}


def _has_holes(values: NDArray[Any], wanted: type) -> bool:
    """Whether values that must be known are not; integers and truth can't be unknown."""
    return wanted is not np.float64 and values.dtype.kind in "fO" and bool(pd.isna(values).any())


def _status(overall: Scores, bands: Bands) -> NDArray[np.object_]:
    conditions = [np.isnan(overall), overall >= bands.healthy, overall >= bands.at_risk]
    names = np.array(["no_data", "healthy", "at_risk", "critical"], dtype=object)
    chosen = np.select(conditions, [0, 1, 2], default=3)
    return np.asarray(names[chosen], dtype=object)
