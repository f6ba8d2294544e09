"""Which rows a customer list reads: its filters as FROM and WHERE.

`h` is `customer_health`, `c` is `customer`. Only our own words are put together here: whatever a
client sent is a bound parameter.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import Row, TextClause, text
from sqlmodel import Session

from db.queries.list_scores import Filters, by_health, status_range
from db.queries.portfolio import Place

Churned = Literal["false", "true", "any"]

ITEM_NAMES = (
    "external_id", "name", "email", "segment", "owner", "arr", "renewal_date", "created_at",
    "churned_at", "overall_score", "status", "coverage", "trend_30d", "last_activity_at",
    "calculated_at",
)  # fmt: skip
ITEM = ", ".join(("h.customer_id AS id", *(f"h.{name}" for name in ITEM_NAMES)))
"""What a list shows of a customer."""


_TABLE = {"c": "customer c", "h": "customer_health h"}
# `h` has an index for who has an end and one for who has none; `c` keeps them together.
_CHURNED: Mapping[str, Mapping[str, Sequence[str]]] = {
    "c": {"false": ["(c.churned_at IS NULL OR c.churned_at > :now)"], "any": ["true"]},
    "h": {
        "false": ["h.churned_at IS NULL", "h.churned_at > :now"],
        "true": ["h.churned_at <= :now"],
        "any": ["h.churned_at IS NULL", "h.churned_at IS NOT NULL"],
    },
}


class Source(NamedTuple):
    """Rows that lie in one index: FROM and WHERE, to be narrowed by AND."""

    text: str
    binds: Mapping[str, Any]


def sources(
    filters: Filters, places: Sequence[Place], now: datetime, *, lasting: bool, by_score: bool
) -> list[Source]:
    """The filtered customers; more than one source where no single index holds them in order.

    Args:
        places: where customers are; read only for a status.
        lasting: whether they are sorted by a column of `customer`.
        by_score: whether only those with a score are wanted.
    """
    base = "c" if lasting else "h"
    both = bool(filters.segment or filters.owner)
    if lasting:
        both = by_health(filters) or filters.churned == "true"
    parts = list(_CHURNED["c" if lasting and not both else "h"][filters.churned])
    conditions, binds = _conditions(filters, base)
    binds["now"] = now
    if filters.status:
        found, values = status_range(filters.status, places, by_score)
        conditions, binds = [*conditions, *found], binds | values
    if filters.segment and lasting:  # each of them is a range of its own
        names = [f"segment_{n}" for n in range(len(filters.segment))]
        binds |= dict(zip(names, filters.segment, strict=True))
        parts = [f"{part} AND c.segment = :{name}" for part in parts for name in names]
    elif filters.segment:
        conditions.append("c.segment = ANY(:segment)")
    return [Source(_where(base, both, [part, *conditions]), binds) for part in parts]


def totals(session: Session, *, filters: Filters, now: datetime) -> tuple[int, Decimal]:
    """How many customers the filters leave, and their ARR."""
    scored = by_health(filters)
    base = "h" if scored and not filters.owner else "c"  # the narrower one, where it will do
    parts = {
        "false": f"({base}.churned_at IS NULL OR {base}.churned_at > :now)",
        "true": f"{base}.churned_at <= :now",
        "any": "true",
    }
    conditions, binds = _conditions(filters, base)
    conditions.append(parts[filters.churned])
    for column, values in (("h.status", filters.status), (f"{base}.segment", filters.segment)):
        if values:
            conditions.append(f"{column} = ANY(:{column[2:]})")
    source = Source(_where(base, scored and base == "c", conditions), binds | {"now": now})
    arr = f"COALESCE(sum({base}.arr), 0)"
    [row] = run(session, [source], f"SELECT count(*) AS customers, {arr} AS arr {source.text}", {})
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


def _where(base: str, both: bool, conditions: Sequence[str]) -> str:
    tables = "customer c JOIN customer_health h ON h.customer_id = c.id" if both else _TABLE[base]
    return f"FROM {tables} WHERE {' AND '.join(conditions)}"


def _conditions(filters: Filters, base: str) -> tuple[list[str], dict[str, Any]]:
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
        columns = (f"{base}.{name}" for name in ("name", "email", "external_id"))
        matches = " OR ".join(f"strpos(lower({column}), lower(:q)) > 0" for column in columns)
        conditions.append(f"({matches})")
    return conditions, binds
