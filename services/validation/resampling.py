"""How sure a figure is: the same customers drawn again and again, each with all its rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from services.validation.observations import Floats, Ints
from services.validation.outcomes import Truths

DRAWS = 400
BINS = 2000
"""Distinct values that intervals tell apart."""
ENOUGH = 0.5
"""Share of the draws that must have somebody who left, for an interval to mean something."""

Range = tuple[float, float] | None
"""The middle 95%, or None where too few draws can tell."""


class Drawn(NamedTuple):
    """AUC and average precision of every draw, NaN where nobody in it left or nobody stayed."""

    auc: Floats
    precision: Floats


class Resamples:
    """Draws of customers with replacement, the same ones for everything that is compared.

    A customer's rows resemble one another, so that single rows as independent draws would make
    every interval too narrow (a cluster bootstrap; Field and Welsh 2007,
    doi:10.1111/j.1467-9868.2007.00593.x). Nothing is sorted per draw: rows are counted once by
    customer and value, and a draw weighs customers.
    """

    def __init__(self, customers: Ints, *, draws: int = DRAWS, seed: int = 1) -> None:
        ids, self._place = np.unique(customers, return_inverse=True)
        rng = np.random.default_rng(seed)
        size = ids.size
        self._weights = np.empty((size, draws))
        for draw in range(draws):
            self._weights[:, draw] = np.bincount(rng.integers(0, size, size), minlength=size)

    def draw(self, risk: Floats, left: Truths, rows: Truths | None = None) -> Drawn:
        """Judge a ranking (higher: likelier to leave) in every draw.

        Args:
            rows: only these of the rows that the draws were made for.
        """
        place = self._place if rows is None else self._place[rows]
        values, codes = np.unique(risk, return_inverse=True)
        if values.size > BINS:
            codes = codes * BINS // values.size
        gone, stayed = (self._counted(codes, place, kind) for kind in (left, ~left))
        with np.errstate(invalid="ignore", divide="ignore"):
            return Drawn(_auc(gone, stayed), _average_precision(gone, stayed))

    def _counted(self, codes: NDArray[np.intp], place: NDArray[np.intp], rows: Truths) -> Floats:
        """Rows by value and draw."""
        shape = (int(codes.max(initial=-1)) + 1, self._weights.shape[0])
        where = (codes[rows], place[rows])
        counted: Floats = csr_array((np.ones(where[0].size), where), shape=shape) @ self._weights
        return counted


def interval(values: Floats) -> Range:
    """The middle 95% of the draws that can tell."""
    known = values[~np.isnan(values)]
    if known.size < ENOUGH * values.size or not known.size:
        return None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def _auc(gone: Floats, stayed: Floats) -> Floats:
    """How often who left had the higher risk than who stayed; a tie counts half."""
    below = np.cumsum(stayed, axis=0) - stayed
    pairs = gone.sum(axis=0) * stayed.sum(axis=0)
    return np.asarray((gone * (below + stayed / 2)).sum(axis=0) / pairs)


def _average_precision(gone: Floats, stayed: Floats) -> Floats:
    """Σ over falling thresholds of (recall gained) × precision."""
    caught = np.cumsum(gone[::-1], axis=0)
    called = caught + np.cumsum(stayed[::-1], axis=0)
    precision = np.where(called > 0, caught / called, 0.0)
    return np.asarray((precision * gone[::-1]).sum(axis=0) / gone.sum(axis=0))
