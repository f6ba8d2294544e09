"""A customer's health as the service would tell it, for charts and sentences."""

from datetime import UTC, date, datetime
from typing import Any

from services.views import CustomerHealth, FactorScore, Status

AS_OF = date(2026, 11, 20)


def factor(name: str, score: float | None, weight: float, **changes: Any) -> FactorScore:
    """A factor with its nominal weight effective, unless said otherwise."""
    effective = changes.pop("effective_weight", 0.0 if score is None else weight)
    return FactorScore.model_validate(
        {
            "factor_name": name,
            "label": name.replace("_", " ").capitalize(),
            "score": score,
            "weight": weight,
            "effective_weight": effective,
            "contribution": 0.0 if score is None else score * effective,
            "neutral": False,
            "summary": f"Why {name}.",
            "details": {},
            "recommendation": None,
            **changes,
        }
    )


def health(
    factors: list[FactorScore], status: Status = "healthy", **changes: object
) -> CustomerHealth:
    """A customer's health whose overall score is the sum of the contributions."""
    total = sum(part.contribution for part in factors)
    return CustomerHealth.model_validate(
        {
            "customer_id": 1,
            "customer_name": "Acme",
            "segment": "smb",
            "as_of": AS_OF,
            "model": "standard",
            "model_version": 1,
            "overall_score": total,
            "status": status,
            "coverage": 1.0,
            "trend_7d": None,
            "trend_30d": None,
            "calculated_at": datetime(2026, 11, 20, 9, tzinfo=UTC),
            "factor_scores": factors,
            "recommendations": [],
            **changes,
        }
    )


WORKED_EXAMPLE = [
    factor("api_usage", 76.0, 0.30),
    factor("login_frequency", 75.0, 0.20),
    factor("payment_timeliness", 90.0, 0.25),
    factor("feature_adoption", 75.0, 0.15),
    factor("support_tickets", 65.0, 0.10),
]
"""The second worked example: 78.05, healthy."""
