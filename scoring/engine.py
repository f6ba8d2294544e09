"""Signals to scores: every factor, the weighted mean, coverage and status, a whole batch at once.

Everything is elementwise and factors are summed one after the other in registry order: a row alone
gets the same bits as among thousands.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.batch import score_factor, without_noise
from scoring.explanations import FactorExplanation, explain
from scoring.factors.base import Columns, Scores
from scoring.model import Bands, ScoringModel
from scoring.signals import CONTEXT

__all__ = ["MIN_COVERAGE", "FactorExplanation", "explain", "score"]

MIN_COVERAGE = 0.5
"""Below it there is no overall score."""


def score(signals: pd.DataFrame, model: ScoringModel) -> pd.DataFrame:
    """Score every row.

    Args:
        signals: one row for each (customer, as of), with the columns of `scoring.signals`.
        model: which factors, weights, parameters and bands.

    Returns:
        Indexed like `signals`: overall_score (0–100, NaN with status no_data), status, coverage
        (0–1), and for each factor of the model score_<name> (0–100, NaN without data),
        effective_<name> (its share after missing factors are left out), neutral_<name> (whether
        the score stands in for missing data), error_<name> (text where it raised, else None).

    Raises:
        ValueError: when a column is missing or holds nulls.
    """
    columns = _columns(signals, model)
    size = len(signals)
    is_customer = columns["age_days"] >= 0
    shares, weighted, coverage = np.zeros(size), np.zeros(size), np.zeros(size)
    taking_part: dict[str, Scores] = {}
    result: dict[str, NDArray[np.generic] | pd.Series] = {}
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
        result[f"error_{factor.name}"] = pd.Series(errors, signals.index, dtype=object)
    divisor = np.where(shares > 0, shares, 1.0)
    coverage = without_noise(coverage)
    overall = np.where(coverage < MIN_COVERAGE, np.nan, without_noise(weighted / divisor))
    for name, share in taking_part.items():
        result[f"effective_{name}"] = share / divisor
    summary = {
        "overall_score": overall,
        "status": _status(overall, model.bands),
        "coverage": coverage,
    }
    return pd.DataFrame(summary | result, index=signals.index)


def _columns(signals: pd.DataFrame, model: ScoringModel) -> Columns:
    """The context and the model's signals as arrays of exact types."""
    signals = signals.reset_index(drop=True)  # each column would make an index of its own
    wanted = {signal.column: signal.kind for signal in model.signals()}
    absent = [name for name in (*CONTEXT, *wanted) if name not in signals.columns]
    if absent:
        raise ValueError(f"columns are missing from the signals: {', '.join(absent)}")
    exact = [*CONTEXT, *(name for name, kind in wanted.items() if kind == "integer")]
    holes = [name for name in exact if signals[name].hasnans]
    if holes:
        raise ValueError(f"columns of the signals hold nulls: {', '.join(holes)}")
    types = {"age_days": np.int64} | {
        name: np.int64 if kind == "integer" else np.float64 for name, kind in wanted.items()
    }
    found = {name: signals[name].to_numpy(dtype=dtype) for name, dtype in types.items()}
    found["segment"] = signals["segment"].to_numpy(dtype=object)
    for name in CONTEXT:
        if name.startswith("connected_"):
            found[name] = signals[name].to_numpy(dtype=bool)
    return found


def _status(overall: Scores, bands: Bands) -> NDArray[np.object_]:
    conditions = [np.isnan(overall), overall >= bands.healthy, overall >= bands.at_risk]
    names = np.array(["no_data", "healthy", "at_risk", "critical"], dtype=object)
    chosen = np.select(conditions, [0, 1, 2], default=3)
    return np.asarray(names[chosen], dtype=object)
