"""One customer's answers, as `/docs` shows them."""

from typing import Any

CUSTOMER: dict[str, Any] = {
    "id": 1,
    "external_id": "crm-4711",
    "name": "Northwind Traders",
    "email": "it@northwind.example",
    "segment": "smb",
    "owner": "Ada Miller",
    "arr": 24000.0,
    "renewal_date": "2027-03-31",
    "created_at": "2024-05-04T09:30:00Z",
    "churned_at": None,
    "overall_score": 78.05,
    "status": "healthy",
    "coverage": 1.0,
    "trend_30d": -2.4,
    "last_activity_at": "2026-05-04T09:30:00Z",
    "calculated_at": "2026-05-04T09:30:01Z",
}
HEALTH: dict[str, Any] = {
    "customer_id": 1,
    "customer_name": "Northwind Traders",
    "segment": "smb",
    "as_of": "2026-05-04",
    "model": "standard",
    "model_version": 1,
    "overall_score": 78.05,
    "status": "healthy",
    "coverage": 1.0,
    "trend_7d": 0.5,
    "trend_30d": -2.4,
    "calculated_at": "2026-05-04T09:30:01Z",
    "factor_scores": [
        {
            "factor_name": "login_frequency",
            "label": "Login frequency",
            "score": 75.0,
            "weight": 0.2,
            "effective_weight": 0.2,
            "contribution": 15.0,
            "neutral": False,
            "summary": "15 logins in 30 days on 12 days, of a target of 20.",
            "details": {
                "window_days": 30,
                "observed_days": 30,
                "target": 20.0,
                "pro_rated": False,
                "logins": 15,
                "active_days": 12,
                "distinct_users": 4,
                "session_seconds": 32400,
                "days_since_login": 0,
            },
            "recommendation": None,
        }
    ],
    "recommendations": [],
}
RECEIPT: dict[str, Any] = {
    "event_id": "order-2041",
    "customer_id": 1,
    "event_type": "api_call",
    "occurred_at": "2026-05-04T09:30:00Z",
    "received_at": "2026-05-04T09:30:00.120000Z",
    "duplicate": False,
}
EVENT: dict[str, Any] = {
    "event_id": "order-2041",
    "event_type": "api_call",
    "occurred_at": "2026-05-04T09:30:00Z",
    "received_at": "2026-05-04T09:30:00.120000Z",
    "event_data": {"endpoint": "/v1/orders", "status_code": 200, "count": 25},
}
BULK: dict[str, Any] = {
    "events": [
        {
            "customer_id": 1,
            "event_type": "api_call",
            "event_data": {"endpoint": "/v1/orders", "status_code": 200, "count": 25},
            "timestamp": "2026-05-04T09:30:00Z",
            "event_id": "order-2041",
        },
        {
            "external_id": "crm-4711",
            "event_type": "payment",
            "event_data": {"amount": 0, "invoice_id": "2026-04"},
            "event_id": "payment-88",
        },
    ]
}
BULK_RECEIPT: dict[str, Any] = {
    "accepted": 1,
    "duplicates": 0,
    "rejected": 1,
    "results": [
        {"index": 0, "status": "accepted", "event_id": "order-2041", "error": None},
        {
            "index": 1,
            "status": "rejected",
            "event_id": "payment-88",
            "error": "event_data.amount: Input should be greater than 0 (at least 0.0001) and at "
            "most 10^12",
        },
    ],
}
TICKET: dict[str, Any] = {
    "ticket_id": "T-17",
    "subject": "Export is slow",
    "priority": "medium",
    "status": "open",
    "opened_at": "2026-05-02T08:00:00Z",
    "resolved_at": None,
    "satisfaction": None,
}
INVOICE: dict[str, Any] = {
    "invoice_id": "2026-04",
    "amount": 2000.0,
    "currency": "USD",
    "due_date": "2026-04-30",
    "paid_date": "2026-05-03",
    "status": "paid",
    "days_late": 3,
}
STATS: dict[str, Any] = {
    "as_of": "2026-05-04",
    "total_customers": 1,
    "average_score": 78.05,
    "by_status": {"healthy": 1, "at_risk": 0, "critical": 0, "no_data": 0},
    "by_segment": {
        "smb": {
            "customers": 1,
            "average_score": 78.05,
            "by_status": {"healthy": 1, "at_risk": 0, "critical": 0, "no_data": 0},
        }
    },
    "arr_total": 24000.0,
    "arr_at_risk": 0.0,
    "top_at_risk": [],
    "calculated_at": "2026-05-04T09:30:01Z",
}
SNAPSHOT: dict[str, Any] = {
    "day": "2026-05-04",
    "overall_score": 78.05,
    "status": "healthy",
    "coverage": 1.0,
    "model": "standard",
    "model_version": 1,
    "factor_scores": {
        "api_usage": 76.0,
        "login_frequency": 75.0,
        "payment_timeliness": 90.0,
        "feature_adoption": 75.0,
        "support_tickets": 65.0,
    },
    "segment": "smb",
    "arr": 24000.0,
    "owner": "Kim Park",
}
PORTFOLIO_DAY: dict[str, Any] = {
    "day": "2026-05-04",
    "customers": 1,
    "average_score": 78.05,
    "by_status": {"healthy": 1, "at_risk": 0, "critical": 0, "no_data": 0},
    "arr_at_risk": 0.0,
}
AUDIT_ENTRY: dict[str, Any] = {
    "id": 7,
    "at": "2026-05-04T09:30:00.120000Z",
    "actor": "crm sync (chk_0a1b2c3d4e5f)",
    "via": "api",
    "address": "192.0.2.7",
    "request_id": "8e03978e40d543ddbc936894a57f9324",
    "action": "customer.changed",
    "subject": "customer:42",
    "fields": ["owner", "renewal_date"],
}
