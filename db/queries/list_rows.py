"""Rows of a customer list in its order: walked along indexes, or read whole and sorted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from db.queries.list_sources import ITEM, Source, run


@dataclass(frozen=True)
class SortKey:
    """What PostgreSQL compares, which is what a cursor must hold."""

    expression: str
    type: type
    nullable: bool = True

    @property
    def lasting(self) -> bool:
        """Whether no rescore changes it: sorted by `customer` (c), not `customer_health` (h)."""
        return "c." in self.expression


@dataclass(frozen=True)
class ListRows:
    """The rows of some sources, each with its `sort_key`."""

    session: Session
    sources: Sequence[Source]
    key: SortKey

    @property
    def value(self) -> str:
        return self.key.expression

    @property
    def id(self) -> str:
        return "c.id" if self.key.lasting else "h.customer_id"

    def rows(
        self, *parts: tuple[str, str], order: str, limit: int, offset: int = 0, **binds: Any
    ) -> Sequence[Row[Any]]:
        """Items of each part (a condition, and an order of its own) of each source, in order.

        Whatever is walked past is not joined to what a list shows.
        """
        selects = [
            f"SELECT {self.id} AS id, {self.value} AS sort_key {source.text} AND {condition}"
            f" ORDER BY {by} LIMIT :enough"
            for source in self.sources
            for condition, by in parts
        ]
        return self._shown(_merged(selects, order), order, limit, offset, binds)

    def whole(
        self, condition: str, *, order: str, limit: int, offset: int, **binds: Any
    ) -> Sequence[Row[Any]]:
        """The same by reading the sources' rows once, and sorting them."""
        found = " UNION ALL ".join(
            f"(SELECT {self.id} AS id, {self.value} AS sort_key {source.text} OFFSET 0)"
            for source in self.sources
        )
        chosen = f"""
            SELECT * FROM ({found}) AS found WHERE {condition}
            ORDER BY {order} LIMIT :limit OFFSET :offset
        """  # noqa: S608
        return self._shown(chosen, order, limit, offset, binds)

    def _shown(
        self, chosen: str, order: str, limit: int, offset: int, binds: dict[str, Any]
    ) -> Sequence[Row[Any]]:
        statement = f"""
            SELECT {ITEM}, sort_key
            FROM ({chosen}) AS chosen JOIN customer_health h ON h.customer_id = chosen.id
            ORDER BY {order}
        """  # noqa: S608
        values = binds | {"enough": limit + offset, "limit": limit, "offset": offset}
        return run(self.session, self.sources, statement, values)


def _merged(selects: Sequence[str], order: str) -> str:
    if len(selects) == 1:
        return f"{selects[0].removesuffix('LIMIT :enough')}LIMIT :limit OFFSET :offset"
    union = " UNION ALL ".join(f"({select})" for select in selects)
    return f"SELECT * FROM ({union}) AS parts ORDER BY {order} LIMIT :limit OFFSET :offset"  # noqa: S608
