"""A factor's numbers in words, without knowing any factor: each says its own key numbers."""

from collections.abc import Sequence

from scoring import registry
from scoring.factors.base import KeyNumber
from services.views import FactorScore


def key_numbers(factor: FactorScore) -> Sequence[KeyNumber]:
    """The few numbers to show beside the factor; none without data."""
    known = registry.find(factor.factor_name)
    return known.key_numbers(factor.details) if known else ()


def in_short(factor: FactorScore) -> str:
    """ "34 of 200 calls in 30 days, 5.9% errors": for a line where the sentence is too long."""
    numbers = [f"{value} {_within_a_line(label)}" for label, value in key_numbers(factor)[:2]]
    if not numbers:
        return factor.summary.removesuffix(".")
    days = factor.details.get("observed_days", factor.details.get("window_days"))
    if days is not None:
        numbers[0] += f" in {days} day{'' if days == 1 else 's'}"
    return ", ".join(numbers)


def _within_a_line(label: str) -> str:
    """ "Calls" becomes "calls"; "API calls" stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
