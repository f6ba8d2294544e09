"""What pulls a score down: the points that each factor costs."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.model import ScoringModel


@dataclass(frozen=True)
class Loss:
    """A factor and the points of the overall score that it costs."""

    factor_name: str
    label: str
    points: float
    """effective weight × (100 − score); with the other losses, 100 − the overall score."""


def losses(scores: Mapping[str, float | None], model: ScoringModel) -> list[Loss]:
    """The factors that cost points, biggest loss first; ties in registry order.

    Args:
        scores: each factor's score, 0–100; null where it has no data, which leaves it out.
        model: the model that made them.
    """
    known = [
        (factor, model.factors[factor.name].weight, score)
        for factor in model.active_factors
        if (score := scores.get(factor.name)) is not None
    ]
    total = sum(weight for _, weight, _ in known)
    found = [
        Loss(factor.name, factor.label, weight / total * (100 - score))
        for factor, weight, score in known
        if score < 100
    ]
    return sorted(found, key=lambda loss: -loss.points)
