"""What is told of scoring models: the shapes that the API sends and the page draws."""

from datetime import date, datetime
from typing import Any

from services.views import Money, Score, Status, StatusCounts, View


class ModelChange(View):
    """One value that differs from the version before; null where one of the two lacks it."""

    path: str
    before: Any
    after: Any


class ModelVersion(View):
    """A published version: it never changes."""

    name: str
    version: int
    title: str
    active: bool
    author: str
    reason: str
    published_at: datetime
    changes: list[ModelChange]
    """What it changed about the version before; everything, of the first one."""
    definition: dict[str, Any]


class ModelDraft(View):
    """A model that somebody works on."""

    name: str
    definition: dict[str, Any]
    author: str
    updated_at: datetime


class Outlook(View):
    """The portfolio by one model."""

    average_score: Score | None
    by_status: StatusCounts
    arr_at_risk: Money
    bins: list[int]
    """Customers by five points of score, 0–5 to 95–100."""


class Crossing(View):
    """Customers that would have another status."""

    before: Status
    after: Status
    customers: int
    arr: Money


class Crosser(View):
    """One of them; places count from the lowest score, 1 first."""

    customer_id: int
    customer_name: str
    segment: str
    arr: Money | None
    score_before: Score | None
    score_after: Score | None
    status_before: Status
    status_after: Status
    place_before: int | None
    place_after: int | None


class ModelPreview(View):
    """What another model would make of every customer who hasn't left, today."""

    as_of: date
    customers: int
    before: Outlook
    after: Outlook
    crossings: list[Crossing]
    arr_crossing: Money
    rank_correlation: float | None
    """Spearman's ρ of the scores before and after; 1 keeps the order. Null below two scores."""
    crossers: list[Crosser]
    """Up to 100, most ARR first."""
    climbers: list[Crosser]
    """Up to 10 whose place changes most, whether they cross or not."""


class StatusStability(View):
    """How firmly a customer has its status."""

    customer_id: int
    customer_name: str
    overall_score: Score | None
    status: Status
    stability: float
    """Share of draws, 0–1, in which it keeps the status."""


class FactorInfluence(View):
    """What leaving a factor out would change."""

    factor_name: str
    label: str
    deciding: int
    """Customers that would have another status without it."""


class ModelRobustness(View):
    """How the statuses withstand weights drawn from ± `spread`, and factors left out."""

    as_of: date
    model: str
    model_version: int
    customers: int
    spread: float
    draws: int
    firm: int
    """Customers that keep their status in every draw."""
    stability_bins: list[int]
    """Customers by tenths of stability, 0–0.1 to 0.9–1."""
    factors: list[FactorInfluence]
    idle: list[str]
    """Factors without which nobody's status would change."""
    least_stable: list[StatusStability]
    """Up to 50."""
