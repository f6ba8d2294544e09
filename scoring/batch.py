"""One factor over a batch: parameters by segment, neutral scores, failures kept to their rows."""

import logging
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.factors.base import Columns, Factor, Params, Scores
from scoring.model import ScoringModel
from scoring.signals import CONTEXT

logger = logging.getLogger(__name__)

NOISE_DECIMALS = 10
"""Where binary noise starts: 75 made of five factors of 75 must not come out as 74.99999999999999
and fall below its band. Far finer than the 2 decimals of output: bands see the unrounded score."""

Errors = NDArray[np.object_]


def without_noise(values: Scores) -> Scores:
    """The values without their last few bits."""
    return np.round(values, NOISE_DECIMALS)


def score_factor(
    factor: Factor[Params], columns: Columns, is_customer: NDArray[np.bool_], model: ScoringModel
) -> tuple[Scores, NDArray[np.bool_], Errors]:
    """One factor's scores, which of them are neutral, and its errors, for every row.

    Args:
        is_customer: False for rows before the customer's day 0, which stay without a score.
    """
    size = len(is_customer)
    values = np.full(size, np.nan)
    neutral = np.zeros(size, dtype=bool)
    errors: Errors = np.full(size, None, dtype=object)
    for params, rows in _by_params(factor.name, columns["segment"], model):
        read = (*CONTEXT, *(signal.column for signal in factor.signals(params)))
        part = {name: columns[name][rows] for name in read}
        scores, failures = _safely(factor, part, params)
        stand_in = factor.neutral(params)
        if stand_in is not None:
            judged = factor.known(part, params) & pd.isna(failures)
            empty = np.isnan(scores) & judged
            scores = np.where(empty, stand_in, scores)
            neutral[rows] = empty
        values[rows] = np.where(is_customer[rows], scores, np.nan)
        errors[rows] = failures
    return values, neutral, errors


def _by_params(
    factor: str, segment: NDArray[np.object_], model: ScoringModel
) -> Iterator[tuple[Params, NDArray[np.bool_] | slice]]:
    """The rows that share parameters: those of each segment with overrides, then the others."""
    overridden = tuple(model.factors[factor].segments)
    if not overridden:
        yield model.params(factor), slice(None)
        return
    others = np.ones(len(segment), dtype=bool)
    for name in overridden:
        rows = segment == name
        others &= ~rows
        if rows.any():
            yield model.params(factor, name), rows
    if others.any():
        yield model.params(factor), others


def _safely(factor: Factor[Params], columns: Columns, params: Params) -> tuple[Scores, Errors]:
    """The factor's scores; where the batch raises, row by row, so that only bad rows are null."""
    size = len(columns["age_days"])
    errors: Errors = np.full(size, None, dtype=object)
    try:
        return _checked(factor, columns, params), errors
    except Exception:
        logger.exception("factor %s failed on %d rows: trying each alone", factor.name, size)
    values = np.full(size, np.nan)
    for row in range(size):
        alone = {name: column[row : row + 1] for name, column in columns.items()}
        try:
            values[row] = _checked(factor, alone, params)[0]
        except Exception as error:
            errors[row] = f"{type(error).__name__}: {error}"
    return values, errors


def _checked(factor: Factor[Params], columns: Columns, params: Params) -> Scores:
    with np.errstate(divide="raise", invalid="raise"):
        values = np.asarray(factor.score(columns, params), dtype=np.float64)
    if values.shape != columns["age_days"].shape:
        raise ValueError(f"{values.shape} scores for {columns['age_days'].shape} rows")
    return without_noise(np.clip(values, 0.0, 100.0))
