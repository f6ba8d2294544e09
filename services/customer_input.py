"""A customer as a client sends it: JSON's own types, taken strictly."""

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.event_fields import Day, Timestamp, json_object

MAX_ARR = 10**12

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")


def _text(value: str) -> str:
    if "\0" in value or not value.strip():
        raise PydanticCustomError("text", "Input should hold text, and no NUL character")
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise PydanticCustomError("email", "Input should be an email address: name@example.com")
    return value


def _arr(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise PydanticCustomError("number_type", "Input should be a number")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or not 0 <= number <= MAX_ARR:
        raise PydanticCustomError("arr_range", "Input should be from 0 to 10^12")
    return abs(number.quantize(Decimal("0.0001"), ROUND_HALF_UP))


Text = Annotated[
    str, Field(strict=True, min_length=1, max_length=255, pattern=r"\S"), AfterValidator(_text)
]
Email = Annotated[
    str,
    Field(strict=True, min_length=3, max_length=320, json_schema_extra={"format": "email"}),
    AfterValidator(_email),
]
Arr = Annotated[
    Decimal,
    BeforeValidator(_arr),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_ARR}),
]
"""Annual recurring revenue, in the company's one currency; four decimals are kept."""

_EXAMPLE: dict[str, Any] = {
    "name": "Northwind Traders",
    "email": "it@northwind.example",
    "segment": "smb",
    "external_id": "crm-4711",
    "owner": "Ada Miller",
    "arr": 24000,
    "renewal_date": "2027-03-31",
}


class CustomerIn(BaseModel):
    """A new customer; unknown fields are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    name: Text
    email: Email
    segment: Text = Field(description="One of the active scoring model's segments.")
    external_id: Text | None = Field(default=None, description="Your own id, unique.")
    owner: Text | None = Field(default=None, description="The customer-success manager.")
    arr: Arr | None = None
    renewal_date: Day | None = None
    created_at: Timestamp | None = Field(default=None, description="Default: now.")
    churned_at: Timestamp | None = Field(default=None, description="When the customer left.")


class CustomerPatch(BaseModel):
    """Changes of a customer: what is absent stays; null clears what is optional."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"owner": "Grace Hall", "churned_at": None}]},
    )

    _object = model_validator(mode="before")(json_object)

    # Absent values get a default only because pydantic needs one: what counts is what was set.
    name: Text = Field(default_factory=str)
    email: Email = Field(default_factory=str)
    segment: Text = Field(default_factory=str)
    external_id: Text | None = None
    owner: Text | None = None
    arr: Arr | None = None
    renewal_date: Day | None = None
    created_at: Timestamp = Field(default_factory=lambda: datetime.min)
    churned_at: Timestamp | None = None
