"""How demo customers behave: each persona is a story that its scores should tell.

Levels are relative: 1.0 of logins or API calls is about what the standard scoring model
expects of a customer of that segment; below, `Range` is what customers of a persona vary in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Range = tuple[float, float]


class Course(Enum):
    """How usage moves over the months before the last day of activity."""

    LEVEL = "level"
    GROWING = "growing"
    FADING = "fading"
    REVIVED = "revived"


@dataclass(frozen=True)
class Persona:
    """A kind of customer. Ages and days are in days before the demo's as of."""

    name: str
    share: float
    """Of all customers; the shares add up to 1."""
    logins: Range
    api: Range
    course: Course = Course.LEVEL
    change: Range = (1.0, 1.0)
    """Usage at the end of the course, relative to its level."""
    course_days: Range = (90, 150)
    features: Range = (8, 11)
    """How many of the product's features the customer has taken up."""
    api_errors: Range = (0.005, 0.03)
    late: float = 0.05
    """Share of invoices that are paid late."""
    days_late: Range = (2, 10)
    tickets_per_quarter: Range = (0.5, 2.5)
    urgency: float = 0.15
    """Share of tickets that are high or urgent."""
    days_to_resolve: float = 1.5
    satisfaction: float = 4.4
    age: Range = (200, 1500)
    churned: Range | None = None
    """How many days ago the customer left."""


PERSONAS: tuple[Persona, ...] = (
    Persona(
        "thriving", 0.18, logins=(0.95, 1.8), api=(0.95, 1.7), course=Course.GROWING,
        change=(1.1, 1.4), features=(8, 12), late=0.0, tickets_per_quarter=(0.2, 2.5),
        satisfaction=4.7,
    ),
    Persona(
        "steady", 0.32, logins=(0.65, 1.1), api=(0.68, 1.12), features=(5, 8), late=0.12,
        days_late=(2, 14), tickets_per_quarter=(0.5, 4.0),
    ),
    Persona(
        "declining", 0.08, logins=(0.85, 1.2), api=(0.8, 1.2), course=Course.FADING,
        change=(0.12, 0.45), course_days=(60, 130), features=(4, 7), late=0.5,
        days_late=(8, 38), tickets_per_quarter=(2, 6), urgency=0.4, days_to_resolve=4.0,
        satisfaction=2.8,
    ),
    Persona(
        "disputing", 0.0125, logins=(0.5, 0.65), api=(0.45, 0.55), features=(4, 6), late=1.0,
        days_late=(32, 75), tickets_per_quarter=(5, 8), urgency=0.6, days_to_resolve=6.0,
        satisfaction=2.0,
    ),
    Persona(
        "unattended", 0.0125, logins=(0.06, 0.1), api=(0.85, 0.95), course=Course.FADING,
        change=(0.55, 0.65), course_days=(40, 70), features=(1, 2), late=0.6,
        days_late=(12, 30), tickets_per_quarter=(4, 7),
    ),
    Persona(
        "narrow", 0.0125, logins=(0.55, 0.65), api=(0.7, 0.78), features=(1, 1), late=0.9,
        days_late=(12, 18), tickets_per_quarter=(12, 15), urgency=0.4, days_to_resolve=4.0,
        satisfaction=3.1,
    ),
    Persona(
        "onboarding", 0.045, logins=(0.6, 1.2), api=(0.4, 1.1), course=Course.GROWING,
        change=(1.1, 1.6), features=(3, 7), tickets_per_quarter=(2, 8), age=(8, 50),
    ),
    Persona(
        "new", 0.025, logins=(0.6, 1.2), api=(0.4, 1.1), features=(2, 4), age=(1, 6),
    ),
    Persona(
        "quiet", 0.0925, logins=(0.08, 0.4), api=(0.25, 0.6), features=(3, 6), late=0.25,
        days_late=(4, 20), tickets_per_quarter=(0.0, 0.6),
    ),
    Persona(
        "slow_payer", 0.07, logins=(0.75, 1.0), api=(0.65, 0.95), features=(5, 8), late=0.95,
        days_late=(14, 45),
    ),
    Persona(
        "ticket_heavy", 0.05, logins=(0.6, 0.95), api=(0.5, 0.85), features=(4, 7),
        api_errors=(0.12, 0.26), late=0.35, tickets_per_quarter=(10, 18), urgency=0.5,
        days_to_resolve=5.0, satisfaction=2.4,
    ),
    Persona(
        "reviving", 0.05, logins=(0.75, 1.1), api=(0.7, 1.0), course=Course.REVIVED,
        change=(0.1, 0.3), course_days=(25, 55), features=(5, 8), late=0.15,
    ),
    Persona(
        "churned", 0.05, logins=(0.8, 1.2), api=(0.8, 1.2), course=Course.FADING,
        change=(0.0, 0.15), course_days=(60, 110), features=(3, 6), late=0.5,
        days_late=(10, 40), tickets_per_quarter=(2, 7), urgency=0.5, days_to_resolve=5.0,
        satisfaction=2.0, churned=(12, 100),
    ),
)  # fmt: skip


def assign(customers: int, rng: np.random.Generator) -> list[Persona]:
    """A persona a customer: the shares kept as nearly as whole customers allow, shuffled."""
    exact = np.array([persona.share for persona in PERSONAS]) * customers
    counts = np.floor(exact).astype(int)
    largest_remainders = np.argsort(-(exact - counts), kind="stable")
    counts[largest_remainders[: customers - counts.sum()]] += 1
    order = rng.permutation(np.repeat(np.arange(len(PERSONAS)), counts))
    return [PERSONAS[index] for index in order]


def draw(personas: Sequence[Persona], field: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """A value for each customer, uniform in its persona's range of that name."""
    ranges = np.array([getattr(persona, field) for persona in personas], dtype=float)
    return rng.uniform(ranges[:, 0], ranges[:, 1])


def usage_course(
    personas: Sequence[Persona], ages: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """The factor on each customer's level, by day.

    `ages` [customer, day] counts days back from the customer's last day of activity (0).
    """
    change = draw(personas, "change", rng)[:, None]
    days = draw(personas, "course_days", rng)[:, None]
    progress = np.clip(1 - ages / days, 0, 1)  # 0 before the course begins, 1 at its end
    courses = np.array([persona.course.value for persona in personas])[:, None]
    moved = 1 + (change - 1) * progress
    revived = np.where(ages > days, change, np.minimum(1.0, change + 2.5 * progress))
    return np.where(
        courses == Course.LEVEL.value,
        1.0,
        np.where(courses == Course.REVIVED.value, revived, moved),
    )
