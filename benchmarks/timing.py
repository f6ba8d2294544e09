"""Runs that take turns, and what is said of them: the median and the range."""

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import NamedTuple


class Sample(NamedTuple):
    """Several measurements of one thing."""

    middle: float
    low: float
    high: float

    def text(self, unit: str = "", scale: float = 1.0) -> str:
        """`8.3 (7.9–9.1) ms`."""
        low, high = figure(self.low * scale), figure(self.high * scale)
        spread = f" ({low}–{high})" if low != high else ""
        return f"{figure(self.middle * scale)}{spread} {unit}".rstrip()


def sample(values: list[float]) -> Sample:
    """The median of the values and their range."""
    return Sample(median(values), min(values), max(values))


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(rounds: int, works: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Each work's measurements, taken in turns: a slow minute of the machine meets them all."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds):
        for name in works if number % 2 == 0 else reversed(list(works)):
            found[name].append(works[name]())
    return found


def ratios(upper: list[float], lower: list[float]) -> Sample:
    """`upper` through `lower`, round by round."""
    return sample([a / b for a, b in zip(upper, lower, strict=True)])


def percentile(values: list[float], share: float) -> float:
    """The value that this share of the values doesn't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def figure(value: float) -> str:
    """Three digits that count, thousands with a comma."""
    if abs(value) >= 100:
        digits = len(str(int(abs(value))))
        return f"{round(value, 3 - digits) if digits > 3 else round(value):,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
