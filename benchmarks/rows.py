"""A row of the table: what, how much of it, against what."""

from dataclasses import dataclass

from benchmarks.timing import figure


@dataclass(frozen=True)
class Row:
    """One measured thing. Texts are Markdown for a table's cell."""

    what: str
    target: str
    measured: str
    baseline: str = "–"
    ratio: str = "–"
    reached: str = "–"


def at_most(value: float, limit: float) -> str:
    """Whether the value is within the limit, or by how much it is not."""
    return "yes" if value <= limit else f"**no: {figure(value / limit)} × the limit**"


def at_least(value: float, limit: float) -> str:
    """Whether the value reaches the limit, or by how much it does not."""
    return "yes" if value >= limit else f"**no: {figure(value / limit)} of it**"
