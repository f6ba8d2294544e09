"""Rows as one PostgreSQL array literal a column: any number of rows in one statement.

`unnest(CAST(:a AS bigint[]), CAST(:b AS text[]))` turns them into rows again, in order.
One text a column parses several times faster than an expression a value.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from types import NoneType
from typing import NamedTuple

moment = lru_cache(maxsize=16_384)(str)
"""A day's or time's text. Those of a batch come again and again, and writing them out is slow."""


def columns(rows: Sequence[NamedTuple], kind: type[NamedTuple] | None = None) -> dict[str, str]:
    """Bound parameters for `unnest`, named like the fields of the rows (of `kind` if none)."""
    if not rows and kind is not None:
        return dict.fromkeys(kind._fields, "{}")
    return dict(zip(rows[0]._fields, map(array, zip(*rows, strict=True)), strict=True))


def array(values: Iterable[object]) -> str:
    """The values as an array literal, to be cast to the type that they have; None is NULL."""
    values = values if type(values) is tuple else list(values)
    kinds = set(map(type, values))
    if kinds <= {int}:
        return "{" + ",".join(map(str, values)) + "}"
    if kinds <= {date} or kinds <= {datetime}:  # an ISO text, with a space in between
        return '{"' + '","'.join(map(moment, values)) + '"}'
    if kinds <= {datetime, NoneType}:
        return "{" + ",".join(["NULL" if v is None else f'"{moment(v)}"' for v in values]) + "}"
    if kinds <= {str}:
        joined = '","'.join(values)  # type: ignore[arg-type]  # they are all texts
        if "\\" not in joined and joined.count('"') == 2 * (len(values) - 1):
            return '{"' + joined + '"}'
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    if isinstance(value, date):  # a datetime is one too
        return f'"{value.isoformat()}"'
    return str(value)
