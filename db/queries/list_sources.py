"""Which rows a customer list reads: its filters as FROM and WHERE.

`h` is `customer_health`, `c` is `customer`. Only our own words are put together here: whatever a
client sent is a bound parameter.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Protocol

from sqlalchemy import Row, TextClause, text
from sqlmodel import Session

from db.queries import portfolio

Churned = Literal["false", "true", "any"]

ITEM_NAMES = (
    "external_id", "name", "email", "segment", "owner", "arr", "renewal_date", "created_at",
    "churned_at", "overall_score", "status", "coverage", "trend_30d", "last_activity_at",
    "calculated_at",
)  # fmt: skip
ITEM = ", ".join(("h.customer_id AS id", *(f"h.{name}" for name in ITEM_NAMES)))
"""What a list shows of a customer."""


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


class Source(NamedTuple):
    """Rows that lie in one index: FROM and WHERE, to be narrowed by AND."""

    text: str
    binds: Mapping[str, Any]


def sources(
    session: Session, filters: Filters, now: datetime, *, lasting: bool, by_score: bool
) -> list[Source]:
    """The filtered customers; more than one source where no single index holds them in order.

    Args:
        lasting: whether they are sorted by a column of `customer`.
        by_score: whether only those with a score are wanted.
    """
    parts = {
        "false": ["h.churned_at IS NULL", "h.churned_at > :now"],
        "true": ["h.churned_at <= :now"],
        "any": ["h.churned_at IS NULL", "h.churned_at IS NOT NULL"],
    }[filters.churned]
    conditions, binds = _conditions(filters)
    binds["now"] = now
    if filters.status:
        found, values = _status(session, filters.status, by_score)
        conditions, binds = [*conditions, *found], binds | values
    if filters.segment and lasting:  # each of them is a range of its own
        names = [f"segment_{n}" for n in range(len(filters.segment))]
        binds |= dict(zip(names, filters.segment, strict=True))
        parts = [f"{part} AND c.segment = :{name}" for part in parts for name in names]
    elif filters.segment:
        conditions.append("c.segment = ANY(:segment)")
    joined = lasting or bool(filters.segment or filters.owner)
    return [Source(_where(joined, [part, *conditions]), binds) for part in parts]


def totals(session: Session, *, filters: Filters, now: datetime) -> tuple[int, Decimal]:
    """How many customers the filters leave, and their ARR."""
    present = "(h.churned_at IS NULL OR h.churned_at > :now)"
    part = {"false": present, "true": "h.churned_at <= :now", "any": "true"}[filters.churned]
    conditions, binds = _conditions(filters)
    for column, values in (("h.status", filters.status), ("h.segment", filters.segment)):
        if values:
            conditions.append(f"{column} = ANY(:{column[2:]})")
    source = Source(_where(bool(filters.owner), [part, *conditions]), binds | {"now": now})
    statement = f"SELECT count(*) AS customers, COALESCE(sum(h.arr), 0) AS arr {source.text}"
    [row] = run(session, [source], statement, {})
    return row.customers, Decimal(row.arr)


def run(
    session: Session, read: Sequence[Source], statement: str, binds: Mapping[str, Any]
) -> Sequence[Row[Any]]:
    """The rows of a statement over these sources."""
    clause = _clause(statement)
    values = {**read[0].binds, **binds}
    used = {name: values[name] for name in clause._bindparams}
    return session.connection().execute(clause, used).all()


@lru_cache(maxsize=1024)
def _clause(statement: str) -> TextClause:
    return text(statement)


def _where(joined: bool, conditions: Sequence[str]) -> str:
    tables = "customer_health h" + (" JOIN customer c ON c.id = h.customer_id" if joined else "")
    return f"FROM {tables} WHERE {' AND '.join(conditions)}"


def _conditions(filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """All but status and segment; and what every condition binds."""
    conditions: list[str] = []
    binds: dict[str, Any] = {"q": filters.q}
    binds |= {name: list(getattr(filters, name)) for name in ("status", "segment", "owner")}
    if filters.owner:
        conditions.append("c.owner = ANY(:owner)")
    for name, bound in (("min_score", ">="), ("max_score", "<=")):
        binds[name] = getattr(filters, name)
        if binds[name] is not None:
            conditions.append(f"h.overall_score {bound} :{name}")
    if filters.q:
        columns = ("h.name", "h.email", "h.external_id")
        matches = " OR ".join(f"strpos(lower({column}), lower(:q)) > 0" for column in columns)
        conditions.append(f"({matches})")
    return conditions, binds


def _status(
    session: Session, status: Sequence[str], by_score: bool
) -> tuple[list[str], dict[str, Any]]:
    """A status as the range of scores that the totals know it to lie in: a range of an index, and
    one condition instead of two that hang together, which the planner would take for rarer."""
    places = portfolio.places(session)
    mine = {place for name, place in places if name in status}
    others = {place for name, place in places if name not in status}
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
        if high < portfolio.HIGHEST:
            conditions.append("h.overall_score < :high")
        alone = not any(low <= place <= high for place in others if place is not None)
    return (conditions if alone else [*conditions, "h.status = ANY(:status)"]), binds
