"""The reference of factors, written from the registry: `python -m scoring.reference`."""

import sys
from collections.abc import Iterator
from typing import Any

from scoring import registry
from scoring.batch import NOISE_DECIMALS
from scoring.engine import MIN_COVERAGE
from scoring.factors.base import Factor
from scoring.factors.usage import MIN_AGE_DAYS, UsageFactor
from scoring.signals import KNOWN

INTRODUCTION = f"""# Factors

<!-- Written by `python -m scoring.reference > docs/factors.md`; a test compares. -->

A factor turns signals into a score of 0–100, or into nothing where there is no data. The overall
score is the mean of the factor scores, weighted by the scoring model; the weights of factors
without data are shared among the others. Coverage is the share of nominal weight with real data;
below {MIN_COVERAGE} there is no overall score. Bands see the unrounded score, free of binary noise
beyond {NOISE_DECIMALS} decimals.

A window of N days is the N UTC days that end with the day of the score, inclusive. Every parameter
may differ per segment: `[factors.<name>.segments.<segment>]` in the model's TOML.
"""


def reference() -> str:
    """The whole page, as Markdown."""
    parts = [INTRODUCTION, *(_factor(factor) for factor in registry.FACTORS), "\n".join(_signals())]
    return "\n".join(parts) + "\n"


def _factor(factor: Factor[Any]) -> str:
    lines = [
        f"## {factor.label} (`{factor.name}`)",
        "",
        factor.description,
        "",
        f"Score: {factor.formula}.",
        "",
        f"No data: {_no_data(factor)}.",
        "",
        "| parameter | meaning | default |",
        "| --- | --- | --- |",
    ]
    for name, field in factor.params_type.model_fields.items():
        default = "required" if field.is_required() else _default(field.default)
        lines.append(f"| `{name}` | {field.description} | {default} |")
    return "\n".join([*lines, ""])


def _no_data(factor: Factor[Any]) -> str:
    reasons = ["before the customer's first day"]
    if factor.source is not None:
        reasons.append(f"while no customer has sent {factor.source_label}")
    if isinstance(factor, UsageFactor):
        reasons.append(f"for customers under {MIN_AGE_DAYS} days old")
    reasons += factor.more_gaps
    return "; ".join(reasons)


def _default(value: Any) -> str:
    return "none" if value in (None, ()) else f"`{value}`"


def _signals() -> Iterator[str]:
    yield "## Signals"
    yield ""
    yield "| signal | column holds | meaning |"
    yield "| --- | --- | --- |"
    for name, (kind, meaning) in KNOWN.items():
        yield f"| `{name}` | {kind} | {meaning} |"


if __name__ == "__main__":
    sys.stdout.write(reference())
