"""Rows into a table by COPY, as fast as the driver takes them."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from types import NoneType
from typing import NamedTuple

from psycopg2 import sql
from sqlmodel import Session

from db.queries.columns import moment

_SPECIAL = "\\\t\n\r"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NULL = r"\N"


def copy_rows(session: Session, *, table: str, rows: Sequence[NamedTuple]) -> None:
    """Append rows (at least one) to the columns that are named like their fields."""
    texts = zip(*map(_texts, zip(*rows, strict=True)), strict=True)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, rows[0]._fields))
    )
    buffer = io.StringIO("\n".join(map("\t".join, texts)) + "\n")
    cursor = session.connection().connection.cursor()
    cursor.copy_expert(statement, buffer)
    cursor.close()


def _texts(column: Sequence[object]) -> Iterable[str]:
    kinds = set(map(type, column))
    if kinds <= {int}:
        return map(str, column)
    if kinds <= {datetime}:
        return map(moment, column)
    if kinds <= {bytes}:
        return [rf"\\x{value.hex()}" for value in column]  # type: ignore[attr-defined]
    if kinds <= {str, NoneType}:
        joined = "".join(filter(None, column))  # type: ignore[arg-type]  # they are all texts
        if not any(special in joined for special in _SPECIAL):
            return [_NULL if value is None else value for value in column]  # type: ignore[misc]
    return map(_text, column)


def _text(value: object) -> str:
    if value is None:
        return _NULL
    return str(value).translate(_ESCAPES)
