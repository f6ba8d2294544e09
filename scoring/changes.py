"""What changed a score between two days, split exactly: the parts add up to the difference.

The way from the old score to the new one is walked in a fixed order, one cause a step:

1. *model*: the new scoring model on the old facts;
2. *segment*: the new segment on the old facts;
3. *coverage*: factors whose data went missing or came, counted with the score they have at the
   end of the walk; the weights of the others are shared anew with them;
4. each *factor* that has data on both days: effective weight × difference, with the new weights.

Steps between need no minimum coverage, only the two ends do; a step that no factor can take
(nothing has data) moves nothing and leaves its points to the next.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.engine import score_columns
from scoring.factors.base import Columns, Scores
from scoring.model import ScoringModel


class Split(NamedTuple):
    """Points by cause, one row for each customer; NaN where either score is null."""

    score_from: Scores
    score_to: Scores
    model: Scores
    segment: Scores
    coverage: Scores
    factors: Mapping[str, Scores]
    """Factor of the new model → its movement; 0 where it has data on one of the days only."""
    before: Mapping[str, NDArray[Any]]
    """The old facts in the new segment by the new model, as `engine.score_columns` has them."""
    after: Mapping[str, NDArray[Any]]
    """The new facts likewise."""

    @property
    def delta(self) -> Scores:
        """New score − old score; the parts add up to it within 1e-9."""
        return self.score_to - self.score_from


def split(
    before: Columns, after: Columns, *, old_model: ScoringModel, new_model: ScoringModel
) -> Split:
    """Split the difference of every row's scores.

    Args:
        before: context and signals of both models as of the first day, one row a customer.
        after: context and signals of the new model as of the second day, the same customers.
        old_model: the model in force on the first day.
        new_model: the model in force on the second day.
    """
    ended = score_columns(after, new_model)
    started = score_columns(before, old_model)
    remodelled = started if old_model == new_model else score_columns(before, new_model)
    moved = {**before, "segment": after["segment"]}
    same = bool(np.all(before["segment"] == after["segment"]))
    resegmented = remodelled if same else score_columns(moved, new_model)

    levels = [_mean(started, old_model), _mean(remodelled, new_model)]
    levels.append(_mean(resegmented, new_model))
    for step in (1, 2):
        levels[step] = np.where(np.isnan(levels[step]), levels[step - 1], levels[step])
    known, factors = np.zeros_like(levels[0]), {}
    for factor in new_model.active_factors:
        name = factor.name
        share, now = ended[f"effective_{name}"], ended[f"score_{name}"]
        was = resegmented[f"score_{name}"]
        lasting = _alike(resegmented, ended, name)
        compared = np.where(lasting, was, now)
        known = known + np.where(np.isnan(now), 0.0, share * compared)
        factors[name] = np.where(lasting, share * (now - was), 0.0)
    neither_null = ~np.isnan(started["overall_score"]) & ~np.isnan(ended["overall_score"])

    def told(points: Scores) -> Scores:
        return np.where(neither_null, points, np.nan)

    return Split(
        score_from=started["overall_score"],
        score_to=ended["overall_score"],
        model=told(levels[1] - levels[0]),
        segment=told(levels[2] - levels[1]),
        coverage=told(known - levels[2]),
        factors={name: told(points) for name, points in factors.items()},
        before=resegmented,
        after=ended,
    )


def _alike(
    was: Mapping[str, NDArray[Any]], now: Mapping[str, NDArray[Any]], name: str
) -> NDArray[np.bool_]:
    """Where the factor has a score on both days, both real or both neutral."""
    both = ~np.isnan(was[f"score_{name}"]) & ~np.isnan(now[f"score_{name}"])
    alike = was[f"neutral_{name}"] == now[f"neutral_{name}"]
    return np.asarray(both & alike, dtype=bool)


def _mean(scored: Mapping[str, NDArray[Any]], model: ScoringModel) -> Scores:
    """The weighted mean whatever the coverage; NaN where no factor has a score."""
    total = np.zeros(len(scored["status"]))
    taking_part = np.zeros(len(total), dtype=bool)
    for factor in model.active_factors:
        values = scored[f"score_{factor.name}"]
        present = ~np.isnan(values)
        total = total + np.where(present, scored[f"effective_{factor.name}"] * values, 0.0)
        taking_part |= present
    return np.where(taking_part, total, np.nan)
