"""The score against what a person would try first; each of its factors alone, and left out."""

import numpy as np
from sklearn.metrics import roc_auc_score

from scoring.model import ScoringModel
from scoring.registry import find
from services.validation.observations import Floats, Observations
from services.validation.outcomes import Labelled
from services.validation.ranking import both, caught, estimate, judged
from services.validation.resampling import Resamples
from services.validation.views import Estimate, FactorRanking, Ranking


def ranking(
    name: str, label: str, risk: Floats, data: Labelled, resamples: Resamples, capacity: int
) -> Ranking:
    """One ranking of all scored observations."""
    auc, precision = judged(resamples, risk, data.left)
    rows = data.rows
    return Ranking(
        name=name,
        label=label,
        rows=risk.size,
        auc=auc,
        average_precision=precision,
        caught=caught(risk, rows.customer, rows.day, data.left, capacity),
    )


def baselines(data: Labelled, resamples: Resamples, capacity: int) -> list[Ranking]:
    """Rules that need no scoring model."""
    rules = (
        ("days_since_login", "Days since the last login", data.rows.since_login),
        ("login_trend", "Login trend, 30 days", -data.rows.login_trend),
    )
    return [ranking(*rule, data, resamples, capacity) for rule in rules]


def factors(
    data: Labelled, model: ScoringModel, resamples: Resamples, capacity: int
) -> list[FactorRanking]:
    """Each factor, those that add most first."""
    found = [_factor(name, data, model, resamples, capacity) for name in model.factors]
    return sorted(found, key=lambda factor: -(factor.gain.value or 0.0))


def _factor(
    name: str, data: Labelled, model: ScoringModel, resamples: Resamples, capacity: int
) -> FactorRanking:
    rows, left = data.rows, data.left
    known = ~np.isnan(rows.factors[name])
    alone = -rows.factors[name][known]
    auc, precision = judged(resamples, alone, left[known], known)
    without, gain = _left_out(name, data, model, resamples)
    registered = find(name)
    return FactorRanking(
        name=name,
        label=registered.label if registered else name,
        rows=int(known.sum()),
        auc=auc,
        average_precision=precision,
        caught=caught(alone, rows.customer[known], rows.day[known], left[known], capacity),
        weight=model.factors[name].weight,
        without=without,
        gain=gain,
    )


def _left_out(
    name: str, data: Labelled, model: ScoringModel, resamples: Resamples
) -> tuple[Estimate, Estimate]:
    """The AUC without the factor, and what is lost: both on the rows that have other factors."""
    rest = without_factor(name, data.rows, model)
    kept = ~np.isnan(rest)
    left = data.left[kept]
    with_it = resamples.draw(-data.rows.score[kept], left, kept).auc
    without = resamples.draw(-rest[kept], left, kept).auc
    if not both(left):
        return estimate(None, without), estimate(None, without)
    value = float(roc_auc_score(left, -rest[kept]))
    whole = float(roc_auc_score(left, -data.rows.score[kept]))
    return estimate(value, without), estimate(whole - value, with_it - without)


def without_factor(name: str, rows: Observations, model: ScoringModel) -> Floats:
    """The score of the other factors, their weights renormalised; NaN where there is none."""
    total, weights = np.zeros(rows.score.size), np.zeros(rows.score.size)
    for other, values in rows.factors.items():
        if other != name:
            weight = np.where(np.isnan(values), 0.0, model.factors[other].weight)
            total += weight * np.nan_to_num(values)
            weights += weight
    return np.where(weights > 0, total / np.where(weights > 0, weights, 1.0), np.nan)
