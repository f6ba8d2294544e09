"""How demo customers behave: each persona is a story that its scores should tell.

Levels are relative: 1.0 of logins or API calls is about what the standard scoring model
expects of a customer of that segment; below, `Range` is what customers of a persona vary in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.demo.spells import FOR_EVER, Spells

Range = tuple[float, float]


@dataclass(frozen=True)
class Persona:
    """A kind of customer. Ages and days are in days before the demo's as of."""

    name: str
    share: float
    """Of the customers that stay; the shares add up to 1."""
    logins: Range
    api: Range
    change: Range = (1.0, 1.0)
    """What usage comes to by the demo's as of, relative to its level."""
    recovers: bool = False
    """Whether it came to that before, and is back at its level."""
    course_days: Range = (90, 150)
    """Days over which usage changes; where it recovers, since when it does."""
    features: Range = (8, 11)
    """How many of the product's features the customer has taken up."""
    api_errors: Range = (0.005, 0.03)
    late: float = 0.05
    """Share of invoices that are paid late."""
    days_late: Range = (2, 10)
    tickets: Range = (0.5, 2.5)
    """A quarter."""
    urgency: float = 0.15
    """Share of tickets that are high or urgent."""
    days_to_resolve: float = 1.5
    satisfaction: float = 4.4
    age: Range = (200, 1500)
    money: Range = (0.0, 0.0)
    """0–1: how much later invoices are paid once usage has changed."""
    service: Range = (0.0, 0.0)
    """How many more tickets a quarter are opened by then."""


PERSONAS: tuple[Persona, ...] = (
    Persona(
        "thriving", 0.19, logins=(0.95, 1.8), api=(0.95, 1.7),
        change=(1.1, 1.4), features=(8, 12), late=0.0, tickets=(0.2, 2.5),
        satisfaction=4.7,
    ),
    Persona(
        "steady", 0.335, logins=(0.65, 1.1), api=(0.68, 1.12), features=(5, 8), late=0.12,
        days_late=(2, 14), tickets=(0.5, 4.0),
    ),
    Persona(
        "declining", 0.085, logins=(0.85, 1.2), api=(0.8, 1.2),
        change=(0.05, 0.32), course_days=(70, 130), features=(4, 7), late=0.35,
        days_late=(8, 20), money=(0.6, 1.0), tickets=(1, 3), service=(3, 7), urgency=0.3,
        satisfaction=3.4,
    ),
    Persona(
        "disputing", 0.0133, logins=(0.3, 0.45), api=(0.42, 0.5), features=(3, 5), late=1.0,
        days_late=(35, 75), tickets=(6, 9), urgency=0.6, days_to_resolve=6.0, satisfaction=2.0,
    ),
    Persona(
        "unattended", 0.0133, logins=(0.04, 0.08), api=(0.85, 0.95),
        change=(0.55, 0.65), course_days=(40, 70), features=(1, 2), late=0.5,
        days_late=(8, 20), tickets=(7, 10), urgency=0.3,
    ),
    Persona(
        "narrow", 0.0134, logins=(0.42, 0.52), api=(0.72, 0.8), features=(1, 1), late=0.9,
        days_late=(9, 14), tickets=(12, 15), urgency=0.4, days_to_resolve=4.0, satisfaction=3.1,
    ),
    Persona(
        "onboarding", 0.0475, logins=(0.6, 1.2), api=(0.4, 1.1),
        change=(1.1, 1.6), features=(3, 7), tickets=(2, 8), age=(8, 50),
    ),
    Persona(
        "new", 0.0275, logins=(0.6, 1.2), api=(0.4, 1.1), features=(2, 4), age=(1, 6),
    ),
    Persona(
        "quiet", 0.0975, logins=(0.08, 0.4), api=(0.25, 0.6), features=(3, 6), late=0.25,
        days_late=(4, 20), tickets=(0.0, 0.6),
    ),
    Persona(
        "slow_payer", 0.0725, logins=(0.75, 1.0), api=(0.65, 0.95), features=(5, 8), late=0.95,
        days_late=(14, 45),
    ),
    Persona(
        "ticket_heavy", 0.0525, logins=(0.6, 0.95), api=(0.5, 0.85), features=(4, 7),
        api_errors=(0.12, 0.26), late=0.35, tickets=(10, 18), urgency=0.5,
        days_to_resolve=5.0, satisfaction=2.4,
    ),
    Persona(
        "reviving", 0.0525, logins=(0.75, 1.1), api=(0.7, 1.0), recovers=True,
        change=(0.1, 0.3), course_days=(25, 55), features=(5, 8), late=0.15,
    ),
)  # fmt: skip


def assign(customers: int, leaving: float, rng: np.random.Generator) -> list[Persona | None]:
    """A persona for each customer that stays, None for the given share of those who leave.

    The shares are kept as nearly as whole customers allow, in random order.
    """
    gone = int(customers * leaving + 0.5)
    exact = np.array([persona.share for persona in PERSONAS]) * (customers - gone)
    counts = np.floor(exact).astype(int)
    largest_remainders = np.argsort(-(exact - counts), kind="stable")
    counts[largest_remainders[: customers - gone - counts.sum()]] += 1
    slots = [None] * gone + [
        persona for persona, n in zip(PERSONAS, counts.tolist(), strict=True) for _ in range(n)
    ]
    return [slots[place] for place in rng.permutation(customers).tolist()]


def draw(personas: Sequence[Persona], field: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """A value for each customer, uniform in its persona's range of that name."""
    ranges = np.array([getattr(persona, field) for persona in personas], dtype=float)
    return rng.uniform(ranges[:, 0], ranges[:, 1])


def course(personas: Sequence[Persona], rng: np.random.Generator) -> Spells:
    """How each persona's usage moves, as a spell that as of finds at its height, or just passed."""
    ranges = ("change", "course_days", "money", "service")
    change, days, money, service = (draw(personas, name, rng)[:, None] for name in ranges)
    stay, fall = rng.uniform(20, 50, days.shape), rng.uniform(30, 70, days.shape)
    recovers = np.array([persona.recovers for persona in personas])[:, None]
    return Spells(
        start=np.where(recovers, days + stay + fall, days),
        fall=np.where(recovers, fall, days),
        stay=np.where(recovers, stay, FOR_EVER),
        back=0.4 * days,
        usage=1 - change,
        money=money,
        service=service,
    )
