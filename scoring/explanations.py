"""Why a row has its score: one explanation for each factor of the model."""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring.factors.base import Explanation, Factor
from scoring.model import ScoringModel
from scoring.text import number

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FactorExplanation:
    """One factor of one customer's score on one day."""

    factor_name: str
    label: str
    score: float | None
    """0–100, unrounded; None without data."""
    weight: float
    """Nominal share, 0–1."""
    effective_weight: float
    """Share after missing factors are left out, 0–1; 0 without data."""
    contribution: float
    """Points of the overall score: effective_weight × score; 0 without data."""
    neutral: bool
    """Whether the score stands in for missing data."""
    summary: str
    details: dict[str, Any]
    """JSON values; `error` where the factor raised, `missing` where there is no data."""
    recommendation: str | None


def explain(
    signals_row: Mapping[str, Any], scored_row: Mapping[str, Any], model: ScoringModel
) -> list[FactorExplanation]:
    """Explain one row that `engine.score` has scored.

    Args:
        signals_row: its context, signals and detail signals by column name.
        scored_row: its row of `engine.score`.
        model: the model that scored it.

    Returns:
        The model's factors in registry order.

    Raises:
        ValueError: when a detail signal's column is missing.
    """
    absent = [s.column for s in model.detail_signals() if s.column not in signals_row]
    if absent:
        raise ValueError(f"columns are missing from the signals: {', '.join(absent)}")
    return [
        _explain_factor(factor, signals_row, scored_row, model) for factor in model.active_factors
    ]


def _explain_factor(
    factor: Factor[Any],
    signals_row: Mapping[str, Any],
    scored_row: Mapping[str, Any],
    model: ScoringModel,
) -> FactorExplanation:
    raw = float(scored_row[f"score_{factor.name}"])
    score = None if math.isnan(raw) else raw
    effective = float(scored_row[f"effective_{factor.name}"])
    words = _words(factor, signals_row, scored_row, score, model)
    return FactorExplanation(
        factor_name=factor.name,
        label=factor.label,
        score=score,
        weight=model.factors[factor.name].weight,
        effective_weight=effective,
        contribution=effective * (score or 0.0),
        neutral=bool(scored_row[f"neutral_{factor.name}"]),
        summary=words.summary,
        details=words.details,
        recommendation=words.recommendation,
    )


def _words(
    factor: Factor[Any],
    signals_row: Mapping[str, Any],
    scored_row: Mapping[str, Any],
    score: float | None,
    model: ScoringModel,
) -> Explanation:
    failure = scored_row[f"error_{factor.name}"]
    if isinstance(failure, str):
        return Explanation(
            {"error": failure}, "Left out: it could not be calculated (see the log).", None
        )
    params = model.params(factor.name, str(signals_row["segment"]))
    try:
        return factor.explain(signals_row, params, score, model.bands.healthy)
    except Exception as error:
        logger.exception("factor %s could not explain its score", factor.name)
        text = "No data" if score is None else f"Scored {number(score)}"
        details = {"error": f"{type(error).__name__}: {error}"}
        return Explanation(details, f"{text}; its numbers could not be read (see the log).", None)
