"""What demo customers live through: how much of everything they do, and when it changes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.demo.column_text import Ints
from services.demo.personas import PERSONAS, Persona, course, draw
from services.demo.spells import Floats, Spells, setbacks

LEVELS = ("logins", "api", "features", "api_errors", "tickets")
UNTROUBLED = 200
"""Days before as of in which those who stay have no setback: their persona shows as it is."""


@dataclass(frozen=True)
class Lives:
    """A row a customer; days are counted back from the demo's as of."""

    personas: Sequence[Persona]
    age: Ints
    """Days since it signed."""
    left: Ints
    """Days since it left; 0 for those who stay."""
    levels: dict[str, Floats]
    """What each does outside of spells, by the name of the persona's range."""
    spells: Spells

    def take(self, rows: NDArray[np.intp], left: Ints) -> "Lives":
        """These of the lives, and when they end (0: not yet)."""
        return Lives(
            [self.personas[row] for row in rows.tolist()],
            self.age[rows],
            left,
            {name: level[rows] for name, level in self.levels.items()},
            self.spells.take(rows),
        )

    def lateness(self, ago: Ints) -> tuple[Floats, Floats]:
        """The share of invoices paid late, and how many days late [customer, day]."""
        money = np.minimum(1, self.spells.strain("money", ago))
        share = np.array([persona.late for persona in self.personas])[:, None]
        usual = np.array([sum(persona.days_late) / 2 for persona in self.personas])[:, None]
        return share + (0.9 - share) * money, usual + 25 * money

    def tickets_a_quarter(self, ago: Ints) -> Floats:
        """How many tickets are opened in 90 such days [customer, day]."""
        return self.levels["tickets"][:, None] + self.spells.strain("service", ago)


def draw_lives(slots: Sequence[Persona | None], *, days: int, rng: np.random.Generator) -> Lives:
    """A life for each slot of `assign`; those without a persona live like any settled one."""
    settled = [persona for persona in PERSONAS if persona.age[0] >= UNTROUBLED]
    weights = np.array([persona.share for persona in settled])
    others = rng.choice(len(settled), size=len(slots), p=weights / weights.sum()).tolist()
    personas = [slot or settled[other] for slot, other in zip(slots, others, strict=True)]
    clear = np.array([0 if slot is None else UNTROUBLED for slot in slots])
    low, high = np.array([persona.age for persona in personas], dtype=float).T
    return Lives(
        personas,
        # Younger ones more often.
        (low + (high - low) * rng.beta(1.2, 2.0, len(slots))).astype(np.int64),
        np.zeros(len(slots), dtype=np.int64),
        {name: draw(personas, name, rng) for name in LEVELS},
        setbacks(clear, days, rng).beside(course(personas, rng)),
    )
