"""A validation, as `/docs` shows it."""

from typing import Any


def _estimate(value: float, low: float, high: float) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high}


def _caught(caught: int, share: float, precision: float, lift: float) -> dict[str, Any]:
    return {
        "called": 300,
        "caught": caught,
        "left": 39,
        "share_caught": share,
        "precision": precision,
        "lift": lift,
    }


VALIDATION: dict[str, Any] = {
    "model": "standard",
    "model_version": 1,
    "as_of": "2026-11-21",
    "lead": 0,
    "horizon": 90,
    "capacity": 20,
    "first_date": "2025-06-01",
    "last_date": "2026-08-01",
    "dates": 15,
    "customers": 73,
    "rows": 901,
    "customers_left": 15,
    "rows_left": 39,
    "churn_rate": 0.0433,
    "sampled": False,
    "left_out": {"without_score": 8, "left_without_score": 1},
    "verdict": "predicts",
    "sentence": "Of a customer that left within 90 days and one that stayed, the one that left had "
    "the lower score in 76% of the pairs (65% to 87%); by chance it would be 50%.",
    "score": {
        "name": "overall_score",
        "label": "Score",
        "rows": 901,
        "auc": _estimate(0.7647, 0.645, 0.8654),
        "average_precision": _estimate(0.1832, 0.0708, 0.3473),
        "caught": _caught(28, 0.7179, 0.0933, 2.1562),
    },
    "deciles": [
        {
            "rows": 91,
            "left": 10,
            "rate": 0.1099,
            "low": 0.0608,
            "high": 0.1906,
            "number": 1,
            "score_from": 22.83,
            "score_to": 57.45,
        }
    ],
    "baselines": [
        {
            "name": "days_since_login",
            "label": "Days since the last login",
            "rows": 901,
            "auc": _estimate(0.5526, 0.4556, 0.6631),
            "average_precision": _estimate(0.0598, 0.0303, 0.1245),
            "caught": _caught(13, 0.3333, 0.0433, 1.0011),
        }
    ],
    "factors": [
        {
            "name": "support_tickets",
            "label": "Support tickets",
            "rows": 901,
            "auc": _estimate(0.7098, 0.5615, 0.8396),
            "average_precision": _estimate(0.1239, 0.051, 0.264),
            "caught": _caught(25, 0.641, 0.0833, 1.9252),
            "weight": 0.1,
            "without": _estimate(0.7338, 0.6099, 0.8415),
            "gain": _estimate(0.0309, 0.0065, 0.0644),
        }
    ],
    "warnings": {
        "customers": 19,
        "never": 3,
        "longer": 5,
        "days_looked_at": 180,
        "median_days": 65,
        "points": [{"days": 90, "share": 0.3684}],
    },
    "missed": [
        {
            "customer_id": 57,
            "customer_name": "Holland Outdoors",
            "segment": "enterprise",
            "owner": "Tyler Cole",
            "arr": 297600.0,
            "left_on": "2026-08-04",
            "score_before": 76.06,
            "last_score": 67.45,
            "last_status": "at_risk",
            "days_warned": 88,
        }
    ],
    "missed_total": 9,
    "reliability": {
        "fitted_to": "2026-01-01",
        "judged_from": "2026-04-01",
        "rows": 298,
        "left": 13,
        "brier": 0.0408,
        "brier_of_base_rate": 0.0418,
        "points": [
            {
                "rows": 60,
                "left": 6,
                "rate": 0.1,
                "low": 0.0466,
                "high": 0.2015,
                "predicted": 0.1124,
            }
        ],
    },
}
