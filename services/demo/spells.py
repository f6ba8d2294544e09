"""Spells: stretches of a demo customer's life in which it does more, or less, than it usually does.

Days are counted back from the demo's as of: 0 is that day, 30 is thirty days before it.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from services.demo.column_text import Ints

Floats = NDArray[np.float64]
FOR_EVER = 10_000.0


@dataclass(frozen=True)
class Spells:
    """Each field [customer, spell]: a spell comes on over `fall` days, stays, and passes."""

    start: Floats
    """Days before as of."""
    fall: Floats
    stay: Floats
    back: Floats
    usage: Floats
    """Share of the usage that is lost at the height of it; negative where usage grows."""
    money: Floats
    """0–1: how much later invoices are paid."""
    service: Floats
    """How many more tickets a quarter are opened."""

    def take(self, customers: NDArray[np.intp]) -> "Spells":
        """The spells of these customers."""
        return Spells(*(getattr(self, field.name)[customers] for field in fields(self)))

    def beside(self, others: "Spells") -> "Spells":
        """Both kinds of spells of the same customers."""
        pairs = ((getattr(self, f.name), getattr(others, f.name)) for f in fields(self))
        return Spells(*(np.concatenate(pair, axis=1) for pair in pairs))

    def pace(self, ago: Ints) -> Floats:
        """The factor on a customer's usage [customer, day]; 1 outside of spells."""
        pace = np.ones((self.start.shape[0], ago.size))
        for number in range(self.start.shape[1]):
            pace *= 1 - self.usage[:, number, None] * self._height(number, ago)
        return pace

    def strain(self, of: str, ago: Ints) -> Floats:
        """What all spells together add to `money` or `service` [customer, day]."""
        amounts: Floats = getattr(self, of)
        total = np.zeros((self.start.shape[0], ago.size))
        for number in range(self.start.shape[1]):
            total += amounts[:, number, None] * self._height(number, ago)
        return total

    def _height(self, number: int, ago: Ints) -> Floats:
        """0 before and after a spell, 1 at its height [customer, day]."""
        since = self.start[:, number, None] - ago
        fall, stay, back = (values[:, number, None] for values in (self.fall, self.stay, self.back))
        return np.clip(since / fall, 0, 1) - np.clip((since - fall - stay) / back, 0, 1)


def setbacks(clear: Ints, days: int, rng: np.random.Generator) -> Spells:
    """Up to two setbacks a customer, anywhere in the last `days` days or shortly before.

    In a setback a customer uses the product less, pays later or has more trouble with it, mostly
    several of these; they pass again, if the customer is still there.

    Args:
        clear: for each customer, how many days before as of all must have passed.
    """
    shape = (clear.size, 2)
    span = days + 60
    start = rng.uniform(0, span, shape)
    fall, stay = rng.uniform(30, 100, shape), rng.uniform(15, 70, shape)
    back = rng.uniform(20, 50, shape)
    has_one = rng.random(shape) < np.minimum(0.9, np.array([0.45, 0.15]) * span / 540)
    has_one &= (clear == 0)[:, None] | (start - fall - stay - back > clear[:, None])

    def some(chance: float, low: float, high: float) -> Floats:
        return np.where(has_one & (rng.random(shape) < chance), rng.uniform(low, high, shape), 0.0)

    usage, money, service = some(0.8, 0.4, 0.95), some(0.5, 0.4, 1.0), some(0.5, 3.0, 12.0)
    return Spells(start, fall, stay, back, usage, money, service)
