"""The demo customers' invoices and support tickets, as the events that tell of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from services.demo.companies import Company
from services.demo.lives import Lives
from services.demo.personas import Persona
from services.demo.spells import Floats

INVOICED_DAYS = 365
"""Invoices go back so many days before as of, or as many as the activity does, if that is more."""
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


@dataclass(frozen=True)
class _Account:
    """A customer's side of its records; arrays are by days before as of."""

    number: int
    company: Company
    persona: Persona
    period: Period
    late: Floats
    """Share of the invoices of that day that are paid late."""
    days_late: Floats
    tickets: Floats
    """Expected on that day."""
    worry: Floats
    """0 where the service is as always."""

    @property
    def last(self) -> date:
        """The day on which it left, else as of."""
        churned = self.company.churned_at
        return churned.date() if churned else self.period.as_of

    def ago(self, day: date) -> int:
        """How many days before as of."""
        return (self.period.as_of - day).days


def records(
    companies: Sequence[Company], lives: Lives, period: Period, rng: np.random.Generator
) -> list[RecordEvent]:
    """Every invoice and ticket event of these customers, up to the end of the period."""
    midnight = datetime.combine(period.as_of, datetime.min.time(), UTC)
    drawn = (
        event
        for account in _accounts(companies, lives, period)
        for source in (_invoices, _tickets)
        for event in source(account, rng)
    )
    return [event for event in drawn if event.occurred_at < midnight]


def _accounts(companies: Sequence[Company], lives: Lives, period: Period) -> Iterator[_Account]:
    ago = np.arange(_invoiced_days(period) + 1)
    late, days_late = lives.lateness(ago)
    tickets = lives.tickets_a_quarter(ago) / 90
    worry = lives.spells.strain("service", ago) / 6
    for number, (company, persona) in enumerate(zip(companies, lives.personas, strict=True)):
        own = (column[number] for column in (late, days_late, tickets, worry))
        yield _Account(number, company, persona, period, *own)


def _invoiced_days(period: Period) -> int:
    return max(INVOICED_DAYS, (period.as_of - period.first_day).days)


def _invoices(account: _Account, rng: np.random.Generator) -> Iterator[RecordEvent]:
    """By the month, for enterprises by the quarter."""
    company = account.company
    months = 3 if company.segment == "enterprise" else 1
    every = 91 if months == 3 else 30
    amount = round(float(company.arr) / 12 * months, 2)
    signed = company.created_at.date()
    first = max(signed, account.period.as_of - timedelta(days=_invoiced_days(account.period)))
    issued = first + timedelta(days=(signed - first).days % every + 1)
    while issued < account.last:
        yield from _invoice(account, issued, amount, rng)
        issued += timedelta(days=every)


def _invoice(
    account: _Account, issued: date, amount: float, rng: np.random.Generator
) -> Iterator[RecordEvent]:
    invoice_id = f"INV-{issued:%Y-%m-%d}"
    due = issued + timedelta(days=PAYMENT_TERM)

    def told(day: date, status: str) -> RecordEvent:
        data = {"amount": amount, "invoice_id": invoice_id, "status": status}
        if status == "pending":
            data["due_date"] = due.isoformat()
        return RecordEvent(account.number, "payment", _moment(day, rng), invoice_id, data)

    yield told(issued, "pending")
    ago = account.ago(issued)
    if rng.random() < account.late[ago]:
        if rng.random() < 0.3 and due < account.last:
            yield told(due, "failed")
        low, high = account.persona.days_late
        more = account.days_late[ago] - (low + high) / 2
        paid = due + timedelta(days=int(rng.uniform(low, high) + more) + 1)
    else:
        paid = due - timedelta(days=int(rng.integers(0, 14)))
    if account.company.churned_at is None or paid < account.last:
        yield told(paid, "paid")


def _tickets(account: _Account, rng: np.random.Generator) -> Iterator[RecordEvent]:
    first = max(account.period.first_day, account.company.created_at.date() + timedelta(days=1))
    days = (account.last - first).days
    if days <= 0:
        return
    ago = account.ago(first) - np.arange(days)
    offsets = np.repeat(np.arange(days), rng.poisson(account.tickets[ago]))
    for serial, offset in enumerate(offsets.tolist(), start=1):
        opened = _moment(first + timedelta(days=offset), rng)
        yield from _ticket(
            account, f"T-{serial:04d}", opened, float(account.worry[ago[offset]]), rng
        )


def _ticket(
    account: _Account, ticket_id: str, opened: datetime, worry: float, rng: np.random.Generator
) -> Iterator[RecordEvent]:
    persona = account.persona
    urgent = rng.random() < persona.urgency + 0.2 * worry
    priority = rng.choice(("high", "urgent") if urgent else ("low", "medium", "medium"))
    yield RecordEvent(
        account.number,
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
    seconds = rng.exponential(persona.days_to_resolve * (1 + worry) * 86_400)
    resolved = opened + timedelta(seconds=int(seconds))
    churned = account.company.churned_at
    if churned and resolved >= churned:
        return
    data: dict[str, Any] = {"status": "resolved", "ticket_id": ticket_id}
    if rng.random() < 0.7:
        felt = rng.normal(persona.satisfaction - worry, 0.7)
        data["satisfaction"] = int(np.clip(np.round(felt), 1, 5))
    yield RecordEvent(account.number, "support_ticket", resolved, ticket_id, data)


def _moment(day: date, rng: np.random.Generator) -> datetime:
    seconds = int(rng.integers(8 * 3600, 18 * 3600))
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=seconds)
