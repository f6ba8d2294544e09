"""The kinds of value that events hold: JSON's own types, taken strictly.

A string or a boolean is never taken for a number, nor a number for a time. `5.0` is an
integer, because JSON has one kind of number and events are compared as JSON values.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_DAY = date(2999, 12, 31)
MIN_AMOUNT = Decimal("0.0001")
MAX_AMOUNT = Decimal(10**12)

_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def whole_number(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    # Bounded first: int() of a Decimal with a giant exponent would fill the memory.
    if isinstance(value, Decimal) and value.is_finite() and value.copy_abs() < 2**63:
        return int(value) if value == value.to_integral_value() else value
    return value


def _decimal(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise PydanticCustomError("number_type", "Input should be a number")
    try:
        number = value if isinstance(value, Decimal) else Decimal(repr(value))
    except (InvalidOperation, ValueError):
        raise PydanticCustomError("number_range", "Input should be a smaller number") from None
    if not number.is_finite():
        raise PydanticCustomError("finite_number", "Input should be a finite number")
    return number


def _amount(value: Any) -> Any:
    number = _decimal(value)
    if not MIN_AMOUNT <= number <= MAX_AMOUNT:
        raise PydanticCustomError(
            "amount_range", "Input should be greater than 0 (at least 0.0001) and at most 10^12"
        )
    return number


def _not_negative(value: Any) -> Any:
    number = _decimal(value)
    if number < 0:
        raise PydanticCustomError(
            "greater_than_equal", "Input should be greater than or equal to 0"
        )
    return number


def _timestamp(value: Any) -> datetime:
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        raise PydanticCustomError(
            "timestamp", "Input should be an ISO 8601 string with an offset: 2026-05-04T09:30:00Z"
        )
    try:
        moment = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("timestamp", "Input should be a time that exists") from None
    if moment < EARLIEST:
        raise PydanticCustomError("timestamp_range", "Input should be 2000-01-01 or later")
    return moment


def _day(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("day", "Input should be a day as YYYY-MM-DD")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("day", "Input should be a day that exists") from None
    if not EARLIEST.date() <= day <= LATEST_DAY:
        raise PydanticCustomError("day_range", "Input should be from 2000-01-01 to 2999-12-31")
    return day


def json_object(value: Any) -> Any:
    """Let only a JSON object (or the model itself) become a model.

    FastAPI validates with `from_attributes`, which takes any Python object whose
    attributes fit: where all fields are optional, the Decimal of `0.5` would do.
    """
    if isinstance(value, dict | BaseModel):
        return value
    raise PydanticCustomError("object_type", "Input should be an object")


# Limits come before the validator, which therefore runs first: the schema then names them.
SessionSeconds = Annotated[int, Field(ge=0, le=604_800), BeforeValidator(whole_number)]
StatusCode = Annotated[int, Field(ge=100, le=599), BeforeValidator(whole_number)]
Count = Annotated[int, Field(ge=1, le=10**9), BeforeValidator(whole_number)]
Satisfaction = Annotated[int, Field(ge=1, le=5), BeforeValidator(whole_number)]
Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    WithJsonSchema({"type": "number", "minimum": 0.0001, "maximum": 1e12}),
]
"""Money. More than four decimals are kept in the event and rounded half up in the invoice."""
Milliseconds = Annotated[
    Decimal, BeforeValidator(_not_negative), WithJsonSchema({"type": "number", "minimum": 0})
]
Timestamp = Annotated[
    datetime, BeforeValidator(_timestamp), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""Aware, in UTC, from 2000 on; the upper limit needs to know what time it is."""
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Text = Annotated[str, StringConstraints(strict=True, min_length=1)]
Identifier = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)]
FeatureName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100)]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z]{3}$")]
