"""What the read use cases answer: the shapes that the API sends and the pages draw.

Scores stay unrounded in Python; two decimals happen only where they leave as JSON.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

Status = Literal["healthy", "at_risk", "critical", "no_data"]
STATUSES: tuple[Status, ...] = ("healthy", "at_risk", "critical", "no_data")

# Adding 0.0 makes a change of -0.004 come out as 0.0: JSON has a -0.0, and nobody means it.
Score = Annotated[float, PlainSerializer(lambda value: round(value, 2) + 0.0, return_type=float)]
Money = Annotated[Decimal, PlainSerializer(float, return_type=float)]


class View(BaseModel):
    """Immutable, built from rows by attribute or from keyword arguments."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class CustomerItem(View):
    """A customer with its current score, as lists show it."""

    id: int
    external_id: str | None
    name: str
    email: str
    segment: str
    owner: str | None
    arr: Money | None
    renewal_date: date | None
    created_at: datetime
    churned_at: datetime | None
    overall_score: Score | None
    status: Status
    coverage: Score
    trend_30d: Score | None
    last_activity_at: datetime | None
    calculated_at: datetime


class FactorScore(View):
    """One factor of a customer's score, explained."""

    factor_name: str
    label: str
    score: Score | None
    """0–100, null where the factor has no data."""
    weight: float
    """Nominal share, 0–1."""
    effective_weight: float
    """Share after missing factors are left out, 0–1; 0 for a missing factor."""
    contribution: Score
    """Points of the overall score: effective_weight × score."""
    neutral: bool
    """Whether the score stands in for missing data."""
    summary: str
    details: dict[str, Any]
    recommendation: str | None

    @property
    def loss(self) -> float:
        """Points of the overall score that the factor costs; 0 without data."""
        return 0.0 if self.score is None else self.effective_weight * (100 - self.score)


class CustomerHealth(View):
    """A customer's score on one day, with every factor explained."""

    customer_id: int
    customer_name: str
    segment: str
    as_of: date
    model: str
    model_version: int
    overall_score: Score | None
    status: Status
    coverage: Score
    trend_7d: Score | None
    trend_30d: Score | None
    calculated_at: datetime
    factor_scores: list[FactorScore]
    recommendations: list[str]


class EventReceipt(View):
    """What the sender of an event learns once it is durable."""

    event_id: str
    customer_id: int
    event_type: str
    occurred_at: datetime
    received_at: datetime
    duplicate: bool


class EventItem(View):
    """A stored event; its data is null once RETENTION_DAYS are over."""

    event_id: str
    event_type: str
    occurred_at: datetime
    received_at: datetime
    event_data: dict[str, Any] | None


class TicketItem(View):
    """A support ticket as its events tell it."""

    ticket_id: str
    subject: str | None
    priority: Literal["low", "medium", "high", "urgent"]
    status: Literal["open", "resolved"]
    opened_at: datetime
    resolved_at: datetime | None
    satisfaction: int | None


class InvoiceItem(View):
    """An invoice as its events tell it."""

    invoice_id: str
    amount: Money
    currency: str
    due_date: date
    paid_date: date | None
    status: Literal["paid", "pending", "failed"]
    days_late: int
    """Days from the due date to the payment, or to today while unpaid; never negative."""


class StatusCounts(View):
    """Customers by status."""

    healthy: int = 0
    at_risk: int = 0
    critical: int = 0
    no_data: int = 0


class SegmentStats(View):
    """One segment's share of the portfolio."""

    customers: int
    average_score: Score | None
    by_status: StatusCounts


class DashboardStats(View):
    """The portfolio today; churned customers are left out."""

    as_of: date
    total_customers: int
    average_score: Score | None
    by_status: StatusCounts
    by_segment: dict[str, SegmentStats]
    arr_total: Money
    arr_at_risk: Money
    top_at_risk: list[CustomerItem]
    calculated_at: datetime | None


class SnapshotItem(View):
    """A customer's score on a past day."""

    day: date
    overall_score: Score | None
    status: Status
    coverage: Score
    model: str
    model_version: int
    factor_scores: dict[str, Score | None]
    segment: str
    arr: Money | None
    owner: str | None
    """With segment and ARR: what held on the day."""


class PortfolioDay(View):
    """The portfolio on a past day, from that day's snapshots."""

    day: date
    customers: int
    average_score: Score | None
    by_status: StatusCounts
    arr_at_risk: Money


class WeekActivity(View):
    """A customer's activity in one whole week, Monday first."""

    week: date
    logins: int
    api_calls: int
    api_errors: int
    feature_uses: int


class LiveStatus(View):
    """What the dashboard's live strip says."""

    last_event_at: datetime | None
    events_today: int
    waiting: int
    """Rescore entries that the scorer has not taken yet."""
