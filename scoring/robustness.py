"""How much a status depends on the exact weights: jittered weights, and each factor left out.

Nobody can defend 0.30 against 0.28. A status that turns with such a difference says little; a
factor that, left out, turns nobody's says nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.batch import without_noise
from scoring.engine import MIN_COVERAGE
from scoring.factors.base import Scores
from scoring.model import ScoringModel

SPREAD, DRAWS, SEED = 0.2, 500, 20_261_101
_AT_ONCE = 50
"""Draws in memory together: 4 MB of each number at 10,000 customers."""

Scored = Mapping[str, NDArray[Any]]
"""As `engine.score_columns` returns it, or columns of factor scores and neutral marks alone."""


class Robustness(NamedTuple):
    """How the statuses of n customers withstand other weights."""

    stability: Scores
    """Share of draws, 0–1, in which each customer keeps its status."""
    deciding: Mapping[str, int]
    """Factor → how many customers have another status when it is left out."""

    @property
    def idle(self) -> tuple[str, ...]:
        """The factors that change nobody's status."""
        return tuple(name for name, count in self.deciding.items() if not count)


class _Factors(NamedTuple):
    """The factor scores as columns, in registry order; 0 where there is none."""

    values: list[Scores]
    present: list[Scores]
    real: list[Scores]


def robustness(
    scored: Scored, model: ScoringModel, *, spread: float = SPREAD, draws: int = DRAWS
) -> Robustness:
    """Draw each weight from weight · (1 ± spread), uniformly, and leave each factor out once.

    The draws are the same each time, for every customer and in every process.

    Args:
        scored: the scores of n customers by this model.
        spread: 0–1.
    """
    names = [factor.name for factor in model.active_factors]
    factors = _columns(scored, names)
    weights = np.array([model.factors[name].weight for name in names])
    (usual,) = (codes[:, 0] for codes in _codes(factors, weights[:, None], model))
    rng = np.random.default_rng(SEED)
    jittered = weights[:, None] * rng.uniform(1 - spread, 1 + spread, (len(names), draws))
    kept = np.zeros(len(usual))
    for codes in _codes(factors, jittered, model):
        kept = kept + (codes == usual[:, None]).sum(axis=1)
    return Robustness(kept / draws, _deciding(factors, names, weights, usual, model))


def _deciding(
    factors: _Factors,
    names: list[str],
    weights: Scores,
    usual: NDArray[np.int64],
    model: ScoringModel,
) -> dict[str, int]:
    without = weights[:, None] * (1.0 - np.eye(len(names)))
    found = np.concatenate(list(_codes(factors, without, model)), axis=1)
    changed = (found != usual[:, None]).sum(axis=0)
    return {name: int(count) for name, count in zip(names, changed, strict=True)}


def _columns(scored: Scored, names: list[str]) -> _Factors:
    values, present, real = [], [], []
    for name in names:
        score = np.asarray(scored[f"score_{name}"], dtype=np.float64)
        known = ~np.isnan(score)
        values.append(np.where(known, score, 0.0))
        present.append(known.astype(np.float64))
        real.append((known & ~scored[f"neutral_{name}"]).astype(np.float64))
    return _Factors(values, present, real)


def _codes(factors: _Factors, weights: Scores, model: ScoringModel) -> Iterator[NDArray[np.int64]]:
    """Statuses as numbers, [customer, draw]: 0 without a score, then from critical upwards.

    Args:
        weights: [factor, draw]; they needn't sum to 1.
    """
    edges = np.array([model.bands.at_risk, model.bands.healthy])
    for start in range(0, weights.shape[1], _AT_ONCE):
        part = weights[:, start : start + _AT_ONCE]
        size = (len(factors.values[0]), part.shape[1])
        weighted, shares, coverage = np.zeros(size), np.zeros(size), np.zeros(size)
        for drawn, value, present, real in zip(part, *factors, strict=True):
            weighted += np.multiply.outer(value * present, drawn)
            shares += np.multiply.outer(present, drawn)
            coverage += np.multiply.outer(real, drawn)
        total = part.sum(axis=0)
        known = without_noise(coverage / np.where(total > 0, total, 1.0)) >= MIN_COVERAGE
        overall = without_noise(weighted / np.where(shares > 0, shares, 1.0))
        yield np.where(known, 1 + np.searchsorted(edges, overall, side="right"), 0)
