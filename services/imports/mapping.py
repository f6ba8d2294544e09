"""Which column tells which field: suggested from the header, checked before a file is read."""

import re
from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence

from services.imports.kinds import KINDS, PROPERTY_PREFIX, REFERENCES, Kind, fields

Mapping = AbstractMapping[str, str | None]
"""Field → column; None, or no entry, where no column tells it."""

_SYNONYMS: dict[str, tuple[str, ...]] = {
    "customer_id": ("customer_number", "customer_no"),
    "external_id": (
        "external", "externalid", "ext_id", "crm_id", "account_id", "accountid",
        "external_customer_id", "customer_external_id",
    ),
    "email": ("e_mail", "mail", "email_address", "customer_email", "contact_email"),
    "name": ("company", "company_name", "customer", "customer_name", "account", "account_name"),
    "segment": ("tier", "customer_segment"),
    "owner": ("csm", "account_owner", "account_manager", "customer_success_manager"),
    "arr": ("annual_recurring_revenue", "annual_revenue"),
    "renewal_date": ("renewal", "renews_on", "renewal_day", "contract_end", "contract_end_date"),
    "created_at": ("created", "customer_since", "signup_date", "start_date", "created_on"),
    "churned_at": ("churned", "churn_date", "cancelled_at", "canceled_at"),
    "event_type": ("type", "event", "event_name", "kind"),
    "timestamp": ("occurred_at", "time", "when", "date", "datetime", "happened_at", "event_time"),
    "event_id": ("uuid", "message_id"),
    "event_data": ("data", "properties", "payload"),
    "received_at": ("received", "ingested_at"),
    "session_seconds": ("session_duration", "session_length", "duration_seconds"),
    "user_id": ("user", "userid", "username"),
    "ip_address": ("ip",),
    "feature_name": ("feature",),
    "status_code": ("http_status", "response_code"),
    "response_time": ("response_time_ms", "latency", "latency_ms", "response_ms"),
    "invoice_id": ("invoice", "invoice_number", "invoice_no", "number"),
    "amount": ("total", "amount_due", "invoice_amount"),
    "due_date": ("due", "due_on", "due_at"),
    "paid_date": ("paid", "paid_on", "paid_at", "payment_date"),
    "issued_at": ("issued", "issue_date", "issued_on", "invoice_date", "date", "created_at"),
    "ticket_id": ("ticket", "ticket_number", "ticket_no", "case_id", "case_number", "number"),
    "opened_at": ("opened", "open_date", "opened_on", "created_at", "created", "created_on"),
    "resolved_at": ("resolved", "resolved_on", "closed_at", "closed", "solved_at"),
    "subject": ("title", "summary"),
    "satisfaction": ("csat", "satisfaction_score", "rating"),
}  # fmt: skip
_HALLMARKS: dict[Kind, tuple[str, ...]] = {
    "events": ("event_type", "timestamp"),
    "tickets": ("ticket_id", "opened_at"),
    "invoices": ("invoice_id", "amount"),
    "customers": ("email", "name", "segment"),
}


def suggest(kind: Kind, columns: Sequence[str]) -> dict[str, str | None]:
    """A column for each field whose name, or a synonym of it, the header holds; else None."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(_plain(column), column)
    suggested: dict[str, str | None] = {
        field.name: by_name.get(field.name) for field in fields(kind)
    }
    taken = set(suggested.values())
    for name in [name for name, column in suggested.items() if column is None]:
        options = (by_name.get(synonym) for synonym in _SYNONYMS.get(name, ()))
        free = next((column for column in options if column and column not in taken), None)
        suggested[name] = free
        taken.add(free)
    return suggested


def guess_kind(columns: Sequence[str]) -> Kind | None:
    """The kind that the header speaks of; None when it could be none or several."""
    for kind, hallmarks in _HALLMARKS.items():
        suggested = suggest(kind, columns)
        if all(suggested[name] for name in hallmarks):
            return kind
    return None


def problems(kind: Kind, mapping: Mapping, columns: Sequence[str]) -> list[str]:
    """What keeps a file with these columns from being imported so, as plain sentences."""
    if kind not in KINDS:
        return [f"There is no kind {kind!r}: it is one of {', '.join(KINDS)}."]
    known = {field.name for field in fields(kind)}
    found = []
    for name, column in mapping.items():
        if name not in known and not (kind == "events" and _unknown_property(name)):
            found.append(f"There is no field {name!r} in {kind}.")
        elif column is not None and columns.count(column) != 1:
            times = "no" if column not in columns else "more than one"
            found.append(f"The file has {times} column {column!r} for the field {name}.")
    found += [
        f"No column is mapped to {field.name}, which {kind} need."
        for field in fields(kind)
        if field.required and mapping.get(field.name) is None
    ]
    if kind != "customers" and not any(mapping.get(name) for name in REFERENCES):
        found.append("No column names the customer: map customer_id, external_id or email.")
    return found


def _unknown_property(name: str) -> bool:
    return name.startswith(PROPERTY_PREFIX) and len(name) > len(PROPERTY_PREFIX)


def _plain(column: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.strip())
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
