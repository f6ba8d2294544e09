"""What an event did to a score, in sentences."""

from services.views import CustomerHealth, FactorScore
from ui import format as as_text

_SEEN = 0.05
"""A smaller difference does not show in one decimal."""


def change(before: CustomerHealth, after: CustomerHealth) -> float | None:
    """Points that the overall score moved; None where either has none."""
    if before.overall_score is None or after.overall_score is None:
        return None
    return after.overall_score - before.overall_score


def moved(before: CustomerHealth, after: CustomerHealth) -> list[str]:
    """One sentence for each factor whose score moved, and one where weights are shared anew."""
    old = {factor.factor_name: factor for factor in before.factor_scores}
    pairs = [(old[f.factor_name], f) for f in after.factor_scores if f.factor_name in old]
    sentences = [sentence for pair in pairs if (sentence := _sentence(*pair))]
    if any((was.score is None) != (now.score is None) for was, now in pairs):
        sentences.append("The weights of the other factors change with it.")
    return sentences


def _sentence(was: FactorScore, now: FactorScore) -> str | None:
    if was.score is None and now.score is None:
        return None
    if was.score is None:
        return f"{now.label} has data now: {as_text.score(now.score)}."
    if now.score is None:
        return f"{now.label} has no data any more."
    if abs(now.score - was.score) < 1e-9:
        return None
    points = now.effective_weight * (now.score - was.score)
    if abs(now.score - was.score) < _SEEN and abs(points) < _SEEN:
        return f"{now.label} moved by less than 0.1."
    return (
        f"{now.label} went from {as_text.score(was.score)} to {as_text.score(now.score)}: "
        f"{as_text.signed(points)} points."
    )
