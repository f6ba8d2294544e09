"""Probabilities for scores: fitted on earlier dates only, and judged on later ones."""

from datetime import date

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from services.validation.dates import Question
from services.validation.observations import Floats
from services.validation.outcomes import Labelled, Truths
from services.validation.ranking import bins, rate
from services.validation.views import Reliability, ReliabilityPoint

ENOUGH_LEFT = 10
"""Observations that ended with leaving, on either side, below which a fit says nothing."""
JUDGED = 1 / 3
"""Share of the dates that is kept for judging, the latest ones."""
POINTS = 5


def reliability(data: Labelled, question: Question) -> Reliability | None:
    """Whether "30%" means 30%: None where there is too little to fit, or to judge.

    A date takes part in the fit only if its outcome was known on the first judged date.
    One slope and one intercept (Platt 1999): a curve with more freedom would follow chance.
    """
    rows, left = data.rows, data.left
    days = np.unique(rows.day)
    if days.size < 3:
        return None
    first_judged = int(days[-max(1, round(days.size * JUDGED))])
    fitted = rows.day + question.lead + question.horizon <= first_judged
    judged = rows.day >= first_judged
    if any(min(left[part].sum(), (~left[part]).sum()) < ENOUGH_LEFT for part in (fitted, judged)):
        return None
    mapping = LogisticRegression(C=np.inf).fit(_columns(rows.score[fitted]), left[fitted])
    predicted = mapping.predict_proba(_columns(rows.score[judged]))[:, 1]
    came_true = left[judged]
    base = np.full(came_true.size, left[fitted].mean())
    return Reliability(
        fitted_to=date.fromordinal(int(rows.day[fitted].max())),
        judged_from=date.fromordinal(first_judged),
        rows=came_true.size,
        left=int(came_true.sum()),
        brier=float(brier_score_loss(came_true, predicted)),
        brier_of_base_rate=float(brier_score_loss(came_true, base)),
        points=_points(predicted, came_true),
    )


def _points(predicted: Floats, left: Truths) -> list[ReliabilityPoint]:
    return [
        ReliabilityPoint(predicted=float(predicted[part].mean()), **rate(left[part]).model_dump())
        for part in bins(predicted, np.arange(predicted.size), POINTS)
    ]


def _columns(score: Floats) -> Floats:
    return np.asarray(score[:, None] / 100)
