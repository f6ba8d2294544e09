"""What a list is narrowed by, and what the portfolio's totals know of it beforehand."""

from collections.abc import Sequence
from typing import Any, Protocol

from db.queries.portfolio import HIGHEST, Place


class Filters(Protocol):
    """What a list is narrowed by; see `services.customer_filters.CustomerFilters`."""

    @property
    def status(self) -> tuple[str, ...]: ...
    @property
    def segment(self) -> tuple[str, ...]: ...
    @property
    def owner(self) -> tuple[str, ...]: ...
    @property
    def q(self) -> str | None: ...
    @property
    def min_score(self) -> float | None: ...
    @property
    def max_score(self) -> float | None: ...
    @property
    def churned(self) -> str: ...


def by_health(filters: Filters) -> bool:
    """Whether the filters ask for a status or a score."""
    scores = (filters.min_score, filters.max_score)
    return bool(filters.status) or any(bound is not None for bound in scores)


def at_most(filters: Filters, places: Sequence[Place]) -> int:
    """How many customers a status or a range of scores leaves, or fewer."""
    low = -1.0 if filters.min_score is None else filters.min_score
    high = 101.0 if filters.max_score is None else filters.max_score
    anything = filters.min_score is None and filters.max_score is None

    def fits(place: Place) -> bool:
        if filters.status and place.status not in filters.status:
            return False
        if place.score_bin is None:
            return anything
        return 5 * place.score_bin <= high and 5 * place.score_bin + 5 >= low

    return sum(place.customers for place in places if fits(place))


def status_range(
    status: Sequence[str], places: Sequence[Place], by_score: bool
) -> tuple[list[str], dict[str, Any]]:
    """A status as the range of scores that the totals know it to lie in: a range of an index, and
    one condition instead of two that hang together, which the planner would take for rarer."""
    mine = {place.score_bin for place in places if place.status in status}
    others = {place.score_bin for place in places if place.status not in status}
    if by_score:
        mine, others = mine - {None}, others - {None}
    scored = [place for place in mine if place is not None]
    if not mine:
        return ["false"], {}
    if scored and None in mine:
        return ["h.status = ANY(:status)"], {}
    if not scored:
        conditions, binds, alone = ["h.overall_score IS NULL"], {}, None not in others
    else:
        low, high = min(scored), max(scored)
        conditions, binds = ["h.overall_score >= :low"], {"low": 5 * low, "high": 5 * high + 5}
        if high < HIGHEST:
            conditions.append("h.overall_score < :high")
        alone = not any(low <= place <= high for place in others if place is not None)
    return (conditions if alone else [*conditions, "h.status = ANY(:status)"]), binds
