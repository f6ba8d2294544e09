"""Which observations ended with the customer leaving; those that can't tell are left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.validation.dates import Question
from services.validation.observations import Observations

Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Labelled:
    """Observations with a known outcome and a score."""

    rows: Observations
    left: Truths
    """Whether the customer left within the horizon."""
    without_score: int
    """Rows with a known outcome that are left out because nothing could be scored."""
    left_without_score: int


def label(
    found: Observations, gone: Mapping[int, date], question: Question, today: date
) -> Labelled:
    """Keep what `question` can be asked of.

    An outcome is known once date + lead + horizon is not after today. Who is gone by
    date + lead is no answer: there was nobody left to warn of.
    """
    departures = np.array([_ordinal(gone.get(number)) for number in found.customer.tolist()])
    days_left = departures - found.day
    known = found.day + question.lead + question.horizon <= today.toordinal()
    asked = known & (days_left > max(question.lead, 0))
    scored = ~np.isnan(found.score)
    left = days_left <= question.lead + question.horizon
    kept = asked & scored
    lost = asked & ~scored
    return Labelled(found.where(kept), left[kept], int(lost.sum()), int((lost & left).sum()))


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else date.max.toordinal()
