"""What pulls the score down: from 100 to the score, one step a factor, biggest loss first."""

from collections.abc import Iterable

from services.views import CustomerHealth, FactorScore
from ui import format as as_text
from ui.charts.bands import Bands
from ui.charts.steps import Step, move, steps_chart, total
from ui.charts.style import Spec

TOTAL = "Score"


def by_loss(factors: Iterable[FactorScore]) -> list[FactorScore]:
    """Biggest loss first; factors without data last."""
    return sorted(factors, key=lambda factor: (factor.score is None, -factor.loss))


def waterfall(health: CustomerHealth, bands: Bands) -> Spec:
    """The chart of a customer that has an overall score.

    Raises:
        ValueError: without an overall score there is nothing to fall to.
    """
    if health.overall_score is None:
        raise ValueError("a customer without an overall score has no waterfall")
    return steps_chart(steps(health, bands), bands)


def describe(health: CustomerHealth) -> str:
    """The chart in one sentence, for those who can't see it."""
    parts = [
        f"{factor.label} no data"
        if factor.score is None
        else f"{factor.label} {as_text.signed(-factor.loss)}"
        for factor in by_loss(health.factor_scores)
    ]
    return f"From 100 down to {as_text.score(health.overall_score)}: {', '.join(parts)}"


def steps(health: CustomerHealth, bands: Bands) -> list[Step]:
    """One row for each factor, then the score itself."""
    level, rows = 100.0, []
    for factor in by_loss(health.factor_scores):
        label = factor.label + (" (neutral)" if factor.neutral else "")
        known = factor.score is not None
        rows.append(move(label, level, level - factor.loss, detail=factor.summary, known=known))
        level -= factor.loss
    return [*rows, total(TOTAL, health.overall_score or 0.0, bands)]
