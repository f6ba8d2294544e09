"""How firmly each customer has its status, and which factors decide nothing."""

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from scoring.engine import score_columns
from scoring.model import ScoringModel
from scoring.robustness import DRAWS, SPREAD, robustness
from services.clock import utc_day
from services.model_portfolio import portfolio
from services.model_views import FactorInfluence, ModelRobustness, StatusStability
from services.views import CustomerHealth

LEAST_STABLE = 50
_BINS = 10


def status_stability(health: CustomerHealth, model: ScoringModel) -> float:
    """Share of draws, 0–1, in which the customer of this score keeps its status.

    Args:
        model: the one that made the score.
    """
    scored: dict[str, NDArray[Any]] = {}
    for factor in health.factor_scores:
        score = np.nan if factor.score is None else factor.score
        scored[f"score_{factor.factor_name}"] = np.array([score])
        scored[f"neutral_{factor.factor_name}"] = np.array([factor.neutral])
    return float(robustness(scored, model).stability[0])


def model_robustness(
    session: Session, *, model: ScoringModel, version: int, now: datetime
) -> ModelRobustness:
    """Jitter a model's weights over everybody who hasn't left, on today's facts."""
    customers, facts = portfolio(session, model, now=now)
    scored = score_columns(facts, model)
    found = robustness(scored, model)
    counts, _ = np.histogram(found.stability, bins=_BINS, range=(0, 1))
    shaky = np.argsort(found.stability, kind="stable")[:LEAST_STABLE]
    scores = scored["overall_score"]
    return ModelRobustness(
        as_of=utc_day(now),
        model=model.name,
        model_version=version,
        customers=len(customers),
        spread=SPREAD,
        draws=DRAWS,
        firm=int((found.stability == 1.0).sum()),
        stability_bins=counts.tolist(),
        factors=[
            FactorInfluence(
                factor_name=factor.name, label=factor.label, deciding=found.deciding[factor.name]
            )
            for factor in model.active_factors
        ],
        idle=list(found.idle) if len(customers) else [],
        least_stable=[
            StatusStability(
                customer_id=customers[n].customer_id,
                customer_name=customers[n].customer_name,
                overall_score=None if np.isnan(scores[n]) else float(scores[n]),
                status=scored["status"][n],
                stability=float(found.stability[n]),
            )
            for n in shaky
            if found.stability[n] < 1.0
        ],
    )
