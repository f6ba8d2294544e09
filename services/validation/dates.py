"""What is asked: which past days are looked at, and what counts as leaving after them."""

from datetime import date, timedelta
from typing import NamedTuple

MONTHS = 20
"""Observation dates at most, the latest ones."""
WARM_UP = 90
"""Days after the first connected source before which the windows of the factors are half empty."""
SHORTEST_HORIZON = 30
LONGEST_HORIZON = 365
LONGEST_LEAD = 180


class Question(NamedTuple):
    """Who of those present on a date left later than `lead` and within `horizon` days after it?"""

    lead: int = 0
    """Days that a warning must come before somebody leaves to be of any use."""
    horizon: int = 90
    capacity: int = 20
    """How many customers one can call on a date."""

    def known_by(self, day: date) -> date:
        """The day on which the outcome of an observation on `day` is known."""
        return day + timedelta(days=self.lead + self.horizon)


def month_starts(first: date, last: date) -> list[date]:
    """The first days of months between two days, the latest `MONTHS` of them, oldest first."""
    found: list[date] = []
    day = last.replace(day=1)
    while day >= first and len(found) < MONTHS:
        found.append(day)
        day = (day - timedelta(days=1)).replace(day=1)
    return found[::-1]
