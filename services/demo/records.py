"""The demo customers' invoices and support tickets, as the events that tell of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from services.demo.companies import Company

INVOICED_DAYS = 365
PAYMENT_TERM = 30
SUBJECTS = (
    "Export stops halfway", "Dashboard is slow in the morning", "Add a user to our plan",
    "Webhook arrives twice", "SSO login loops", "Question about the invoice",
    "Alert was not sent", "API answers 429", "Report shows the wrong month",
    "How do I change a role?", "Import rejects our file", "Missing data since yesterday",
)  # fmt: skip


class RecordEvent(NamedTuple):
    """A payment or support_ticket event, before it has an id."""

    customer: int
    """Its number within the chunk."""
    event_type: str
    occurred_at: datetime
    subject_id: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Period:
    """The days that the demo covers: `first_day` to the day before `as_of`."""

    first_day: date
    as_of: date


def records(
    companies: Sequence[Company], period: Period, rng: np.random.Generator
) -> list[RecordEvent]:
    """Every invoice and ticket event of these customers, up to the end of the period."""
    midnight = datetime.combine(period.as_of, datetime.min.time(), UTC)
    drawn = (
        event
        for number, company in enumerate(companies)
        for source in (_invoices, _tickets)
        for event in source(number, company, period, rng)
    )
    return [event for event in drawn if event.occurred_at < midnight]


def _invoices(
    number: int, company: Company, period: Period, rng: np.random.Generator
) -> Iterator[RecordEvent]:
    """A year of invoices: by the month, for enterprises by the quarter."""
    months = 3 if company.segment == "enterprise" else 1
    every = 91 if months == 3 else 30
    amount = round(float(company.arr) / 12 * months, 2)
    last = company.churned_at.date() if company.churned_at else period.as_of
    signed = company.created_at.date()
    first = max(signed, period.as_of - timedelta(days=INVOICED_DAYS))
    issued = first + timedelta(days=(signed - first).days % every + 1)
    while issued < last:
        yield from _invoice(number, company, issued, amount, rng)
        issued += timedelta(days=every)


def _invoice(
    number: int, company: Company, issued: date, amount: float, rng: np.random.Generator
) -> Iterator[RecordEvent]:
    persona = company.persona
    invoice_id = f"INV-{issued:%Y-%m-%d}"
    due = issued + timedelta(days=PAYMENT_TERM)

    def told(day: date, status: str) -> RecordEvent:
        data = {"amount": amount, "invoice_id": invoice_id, "status": status}
        if status == "pending":
            data["due_date"] = due.isoformat()
        return RecordEvent(number, "payment", _moment(day, rng), invoice_id, data)

    yield told(issued, "pending")
    if rng.random() < persona.late:
        if rng.random() < 0.3:
            yield told(due, "failed")
        paid = due + timedelta(days=int(rng.uniform(*persona.days_late)) + 1)
    else:
        paid = due - timedelta(days=int(rng.integers(0, 14)))
    if company.churned_at is None or paid < company.churned_at.date():
        yield told(paid, "paid")


def _tickets(
    number: int, company: Company, period: Period, rng: np.random.Generator
) -> Iterator[RecordEvent]:
    first = max(period.first_day, company.created_at.date() + timedelta(days=1))
    last = company.churned_at.date() if company.churned_at else period.as_of
    days = (last - first).days
    if days <= 0:
        return
    a_quarter = rng.uniform(*company.persona.tickets_per_quarter)
    offsets = np.sort(rng.integers(0, days, size=rng.poisson(a_quarter * days / 90)))
    for serial, offset in enumerate(offsets, start=1):
        opened = _moment(first + timedelta(days=int(offset)), rng)
        yield from _ticket(number, company, f"T-{serial:04d}", opened, rng)


def _ticket(
    number: int, company: Company, ticket_id: str, opened: datetime, rng: np.random.Generator
) -> Iterator[RecordEvent]:
    persona = company.persona
    urgent = rng.random() < persona.urgency
    priority = rng.choice(("high", "urgent") if urgent else ("low", "medium", "medium"))
    yield RecordEvent(
        number,
        "support_ticket",
        opened,
        ticket_id,
        {
            "priority": str(priority),
            "status": "open",
            "subject": str(rng.choice(SUBJECTS)),
            "ticket_id": ticket_id,
        },
    )
    resolved = opened + timedelta(seconds=int(rng.exponential(persona.days_to_resolve * 86_400)))
    if company.churned_at and resolved >= company.churned_at:
        return
    data: dict[str, Any] = {"status": "resolved", "ticket_id": ticket_id}
    if rng.random() < 0.7:
        data["satisfaction"] = int(np.clip(np.round(rng.normal(persona.satisfaction, 0.7)), 1, 5))
    yield RecordEvent(number, "support_ticket", resolved, ticket_id, data)


def _moment(day: date, rng: np.random.Generator) -> datetime:
    seconds = int(rng.integers(8 * 3600, 18 * 3600))
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=seconds)
