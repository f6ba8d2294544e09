"""Pages of a list, and cursors that survive ties and inserts.

A cursor holds the sort key and the id of the last item sent, so the next page
starts behind that item wherever it now stands; and a fingerprint of the list,
its sort and its filters, so that it can't be used with another one.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Field,
    FiniteFloat,
    TypeAdapter,
)
from sqlalchemy import Row

from db.tables import LARGEST_BIGINT
from services.errors import InvalidInput

MAX_LIMIT = 500
DEFAULT_LIMIT = 50


T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items of a list in its order; `next_cursor` is None on the last page."""

    items: list[T]
    next_cursor: str | None


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("holds a NUL character")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is no time that UTC has") from None


_Text = Annotated[str, Field(max_length=1000), AfterValidator(_without_nul)]
_KEYS: dict[type, TypeAdapter[Any]] = {
    str: TypeAdapter(_Text | None),
    int: TypeAdapter(Annotated[int, Field(ge=-LARGEST_BIGINT, le=LARGEST_BIGINT)]),
    float: TypeAdapter(FiniteFloat | None),
    Decimal: TypeAdapter(Annotated[Decimal, Field(max_digits=40)] | None),
    date: TypeAdapter(date | None),
    datetime: TypeAdapter(Annotated[AwareDatetime, AfterValidator(_in_utc)] | None),
}
_PARTS: TypeAdapter[tuple[str, str | float | int | None, str | int]] = TypeAdapter(
    tuple[str, str | float | int | None, str | int]
)


def fingerprint(*parts: object) -> str:
    """What tells one list, sort and set of filters from another, in a few characters."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def encode_cursor(scope: str, key: object, item_id: int | str) -> str:
    """An opaque cursor behind the item with this sort key and id."""
    plain = key if key is None or isinstance(key, str | float) else _as_text(key)
    raw = json.dumps([scope, plain, item_id], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(
    cursor: str, scope: str, key_type: type, *, id_type: type = int
) -> tuple[Any, Any]:
    """The sort key and id that `encode_cursor` was given.

    Raises:
        InvalidInput: when it is malformed or belongs to another list, sort or filter.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, key, item_id = _PARTS.validate_json(raw)
        after = _read(key_type, key), _read(id_type, item_id)
    except ValueError:  # not base64, not JSON or not the types: all are ValueErrors
        raise InvalidInput("cursor", "The cursor is malformed.") from None
    if found != scope:
        raise InvalidInput("cursor", "The cursor belongs to another list, sort or filter.")
    return after


def make_page(
    rows: Sequence[Row[Any]], *, limit: int, item: type[T], scope: str, key: str, item_id: str
) -> Page[T]:
    """The first `limit` of up to `limit + 1` rows; the one more says that there is a next page.

    `item` is a view built from a row's columns; `key` and `item_id` name those that the
    cursor holds.
    """
    shown = rows[:limit]
    names = shown[0]._fields if shown else ()
    cursor = None
    if len(rows) > limit:
        cursor = encode_cursor(scope, getattr(shown[-1], key), getattr(shown[-1], item_id))
    # A third of the time that pydantic takes to ask the rows for each attribute.
    items = [item.model_validate(dict(zip(names, row, strict=True))) for row in shown]
    return Page(items=items, next_cursor=cursor)


def check_limit(limit: int) -> None:
    """Raises: InvalidInput: outside 1–500."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput("limit", f"The limit must be from 1 to {MAX_LIMIT}.")


def _as_text(key: object) -> str:
    return key.isoformat() if isinstance(key, date | datetime) else str(key)


def _read(kind: type, value: object) -> Any:
    return _KEYS[kind].validate_json(json.dumps(value), strict=True)
