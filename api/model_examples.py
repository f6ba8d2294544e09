"""Scoring models, as `/docs` shows them."""

from typing import Any

MODEL: dict[str, Any] = {
    "name": "standard",
    "version": 2,
    "title": "Standard",
    "active": True,
    "author": "ada@example.com",
    "reason": "Logins count less in summer.",
    "published_at": "2026-05-04T09:30:00Z",
    "changes": [{"path": "factors.login_frequency.target", "before": 20.0, "after": 15.0}],
    "definition": {
        "name": "standard",
        "title": "Standard",
        "description": "",
        "bands": {"healthy": 75.0, "at_risk": 50.0},
        "segments": ["startup", "smb", "enterprise"],
        "factors": {
            "login_frequency": {"weight": 1.0, "segments": {}, "window": 30, "target": 15.0}
        },
    },
}
_OUTLOOK: dict[str, Any] = {
    "average_score": 71.4,
    "by_status": {"healthy": 40, "at_risk": 20, "critical": 8, "no_data": 2},
    "arr_at_risk": 412000.0,
    "bins": [0, 0, 1, 0, 2, 0, 1, 1, 2, 1, 3, 4, 5, 4, 4, 8, 9, 9, 7, 7],
}
_CROSSER: dict[str, Any] = {
    "customer_id": 1,
    "customer_name": "Northwind Traders",
    "segment": "smb",
    "arr": 24000.0,
    "score_before": 74.07,
    "score_after": 78.05,
    "status_before": "at_risk",
    "status_after": "healthy",
    "place_before": 25,
    "place_after": 31,
}
PREVIEW: dict[str, Any] = {
    "as_of": "2026-05-04",
    "customers": 70,
    "before": _OUTLOOK,
    "after": _OUTLOOK,
    "crossings": [{"before": "at_risk", "after": "healthy", "customers": 1, "arr": 24000.0}],
    "arr_crossing": 24000.0,
    "rank_correlation": 0.97,
    "crossers": [_CROSSER],
    "climbers": [_CROSSER],
}
ROBUSTNESS: dict[str, Any] = {
    "as_of": "2026-05-04",
    "model": "standard",
    "model_version": 2,
    "customers": 70,
    "spread": 0.2,
    "draws": 500,
    "firm": 61,
    "stability_bins": [0, 0, 0, 0, 0, 1, 1, 2, 2, 64],
    "factors": [
        {"factor_name": "login_frequency", "label": "Login frequency", "deciding": 6},
        {"factor_name": "support_tickets", "label": "Support tickets", "deciding": 0},
    ],
    "idle": ["support_tickets"],
    "least_stable": [
        {
            "customer_id": 1,
            "customer_name": "Northwind Traders",
            "overall_score": 74.07,
            "status": "at_risk",
            "stability": 0.53,
        }
    ],
}
