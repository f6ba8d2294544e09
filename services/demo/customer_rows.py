"""Demo customers, tickets and invoices as columns for COPY."""

from collections.abc import Sequence
from datetime import date, datetime

from db.queries.bulk_load import NULL
from db.queries.projections import InvoiceRow, TicketRow
from services.demo.column_text import Columns
from services.demo.companies import Company


def customer_columns(ids: Sequence[int], companies: Sequence[Company]) -> Columns:
    """`customer`."""
    return {"id": [str(customer_id) for customer_id in ids], **_details(companies)}


def health_columns(ids: Sequence[int], companies: Sequence[Company], now: datetime) -> Columns:
    """`customer_health` before the first score, as for every new customer."""
    return {
        "customer_id": [str(customer_id) for customer_id in ids],
        **_details(companies),
        "status": ["no_data"] * len(ids),
        "coverage": ["0"] * len(ids),
        "factor_scores": ["{}"] * len(ids),
        "calculated_at": [now.isoformat()] * len(ids),
    }


def ticket_columns(rows: Sequence[TicketRow]) -> Columns:
    """`support_ticket`."""
    return {name: [_text(getattr(row, name)) for row in rows] for name in TicketRow._fields}


def invoice_columns(rows: Sequence[InvoiceRow]) -> Columns:
    """`invoice`."""
    return {name: [_text(getattr(row, name)) for row in rows] for name in InvoiceRow._fields}


def _details(companies: Sequence[Company]) -> Columns:
    names = (
        "external_id", "name", "email", "segment", "owner", "arr", "renewal_date", "created_at",
        "churned_at",
    )  # fmt: skip
    return {name: [_text(getattr(company, name)) for company in companies] for name in names}


def _text(value: object) -> str:
    if value is None:
        return NULL
    return value.isoformat() if isinstance(value, date) else str(value)
