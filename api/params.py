"""Parameters that several routes share."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request
from pydantic import TypeAdapter, ValidationError

from api.problems import FieldError, ProblemError
from db.tables import LARGEST_BIGINT
from services.customer_filters import SORTS, CustomerFilters
from services.errors import InvalidInput
from services.event_fields import Day, Timestamp
from services.pagination import MAX_LIMIT
from services.views import Status

REPEATABLE = {"status", "segment", "owner"}

CustomerId = Annotated[int, Path(ge=1, le=LARGEST_BIGINT, examples=[1])]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[
    str | None,
    Query(min_length=1, max_length=4000, description="From the `Link` header of the page before."),
]
AsOf = Annotated[Day | None, Query(description="A UTC day; default today, or the day it left.")]
Known = Annotated[
    Literal["corrected", "then"],
    Query(
        description="`corrected`: by all that is known today. `then`: by what had come in by the "
        "end of that UTC day, as it was shown then; without trends."
    ),
]
Sort = Annotated[
    str,
    Query(
        description="`-` for descending; nulls last both ways, ties by id.",
        json_schema_extra={"enum": list(SORTS)},
    ),
]
Bound = Annotated[
    str | None,
    Query(
        max_length=40,
        description="A UTC day, or a timestamp with an offset.",
        examples=["2026-05-04", "2026-05-04T09:30:00Z"],
    ),
]

_DAY: TypeAdapter[date] = TypeAdapter(Day)
_TIMESTAMP: TypeAdapter[datetime] = TypeAdapter(Timestamp)


async def refuse_repeated(request: Request) -> None:
    """Which of two values counts would be a guess: only filters that say so may repeat."""
    times = Counter(name for name, _ in request.query_params.multi_items())
    for name, given in times.items():
        if given > 1 and name not in REPEATABLE:
            error = FieldError(location="query", field=name[:300], message="Given more than once.")
            raise ProblemError(422, "invalid-input", f"{error.field}: {error.message}", [error])


async def customer_filters(
    status: Annotated[list[Status], Query()] = [],  # noqa: B006 - FastAPI copies it
    segment: Annotated[list[str], Query(examples=[["smb"]])] = [],  # noqa: B006
    owner: Annotated[list[str], Query()] = [],  # noqa: B006
    q: Annotated[
        str | None,
        Query(max_length=255, description="Part of the name, email or external_id; plain text."),
    ] = None,
    min_score: Annotated[float | None, Query(allow_inf_nan=False)] = None,
    max_score: Annotated[float | None, Query(allow_inf_nan=False)] = None,
    churned: Literal["false", "true", "any"] = "false",
) -> CustomerFilters:
    """The filters that a query string names."""
    return CustomerFilters(
        status=tuple(status),
        segment=tuple(segment),
        owner=tuple(owner),
        q=q,
        min_score=min_score,
        max_score=max_score,
        churned=churned,
    )


Filters = Annotated[CustomerFilters, Depends(customer_filters)]


def lower_bound(value: str | None) -> datetime | None:
    """The moment that `from` means: a day begins at its midnight."""
    return None if value is None else _moment("from", value)[0]


def upper_bound(value: str | None) -> datetime | None:
    """The moment before which `to` lets events pass: a day is included, a timestamp is not."""
    if value is None:
        return None
    moment, is_day = _moment("to", value)
    return moment + timedelta(days=1) if is_day else moment


def _moment(field: str, value: str) -> tuple[datetime, bool]:
    try:
        return datetime.combine(_DAY.validate_python(value), time(), tzinfo=UTC), True
    except ValidationError:
        pass
    try:
        return _TIMESTAMP.validate_python(value), False
    except ValidationError:
        message = "Must be a day (2026-05-04) or a timestamp with an offset, from 2000 on."
        raise InvalidInput(field, message) from None
