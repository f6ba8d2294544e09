"""Who leaves, and when: a hazard of what a customer lives through, with chance on top of it.

It reads what a customer does, never what it scores: a score that predicts who leaves can do so
only because it sees the same behaviour, later and through noise.
"""

from collections.abc import Sequence

import numpy as np

from services.demo.column_text import Ints
from services.demo.lives import Lives, draw_lives
from services.demo.personas import Persona
from services.demo.spells import Floats

A_YEAR = 0.17
"""Share of the customers that leave within a year."""
CALM = 0.00002
"""The chance to leave, a day, of a customer that has nothing to complain of."""
SETTLING_IN = 30
"""Days after signing on which nobody leaves."""
NOTICE = 30
"""Days between what makes a customer leave and the day it leaves."""
STEP = 5
"""Days between two looks at the hazard."""
TRIES = 10
"""Lives drawn for each customer, of which it gets one."""


def share(days: int) -> float:
    """The share of customers that leave within so many days."""
    return float(1 - np.exp(-A_YEAR * days / 365))


def live(slots: Sequence[Persona | None], *, days: int, rng: np.random.Generator) -> Lives:
    """A life for each slot of `assign`; those without a persona leave within these days.

    Of several lives drawn alike each slot takes one, by their chances to end as it must: who left
    has lived as those do whom the hazard takes, and who stays as those whom it spares.
    """
    lives = draw_lives([slot for slot in slots for _ in range(TRIES)], days=days, rng=rng)
    chance, left = _endings(lives, days, rng)
    leaves = np.array([slot is None for slot in slots])
    chances = chance.reshape(-1, TRIES)
    weights = np.where(leaves[:, None], chances + 1e-12, 1 - chances)
    passed = np.cumsum(weights, axis=1)
    wanted = rng.random((len(slots), 1)) * passed[:, -1:]
    chosen = np.arange(len(slots)) * TRIES + (passed[:, :-1] < wanted).sum(axis=1)
    return lives.take(chosen, np.where(leaves, left[chosen], 0))


def hazard(lives: Lives, ago: Ints) -> Floats:
    """The chance to leave on a day so long before as of [customer, day]."""
    felt = ago + NOTICE
    usage = lives.spells.pace(felt)
    lost = np.clip(1 - usage, 0, 1)
    usual = np.minimum(lives.levels["logins"], lives.levels["api"])[:, None]
    little = np.clip(1 - usual * usage / 0.7, 0, 1)
    late, days_late = lives.lateness(felt)
    unpaid = np.clip(late * days_late / 20, 0, 1.5)
    trouble = np.clip(lives.tickets_a_quarter(felt) / 8, 0, 1.8)
    reasons = 3.3 * lost + 1.2 * little + 2.0 * unpaid + 1.5 * trouble
    return np.where(ago < lives.age[:, None] - SETTLING_IN, CALM * np.exp(reasons), 0.0)


def _endings(lives: Lives, days: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Each life's chance to end within the last `days` days, and when it would, if it did."""
    ago = np.arange(days, 0, -STEP)
    passed = np.cumsum(hazard(lives, ago) * STEP, axis=1)
    chance = 1 - np.exp(-passed[:, -1])
    # The day on which the chance to have left reaches a uniform share of the whole.
    reached = -np.log1p(-rng.random(chance.size) * chance)
    place = np.minimum((passed < reached[:, None]).sum(axis=1), ago.size - 1)
    return chance, np.maximum(1, ago[place] - rng.integers(0, STEP, chance.size))
