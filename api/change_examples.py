"""What explains a change, as `/docs` shows it."""

from typing import Any

CHANGES: dict[str, Any] = {
    "customer_id": 1,
    "from": "2026-04-27",
    "to": "2026-05-04",
    "score_from": 87.15,
    "score_to": 78.05,
    "delta": -9.1,
    "parts": [
        {
            "kind": "factor",
            "factor_name": "login_frequency",
            "delta": -9.1,
            "summary": "Logins fell from 22 to 6 in 30 days: −9.1.",
        }
    ],
}
MOVERS: list[dict[str, Any]] = [
    {
        "customer_id": 1,
        "customer_name": "Northwind Traders",
        "segment": "smb",
        "owner": "Ada Miller",
        "arr": 24000.0,
        "status": "healthy",
        "score_from": 87.15,
        "score_to": 78.05,
        "delta": -9.1,
        "reason": CHANGES["parts"][0],
    }
]
