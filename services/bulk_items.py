"""The items of a bulk body: events that name their customer, each judged by itself."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from services.event_fields import Identifier, whole_number
from services.event_limits import OneEvent
from services.events import (
    EVENT_TYPES,
    ApiCallEvent,
    EventIn,
    FeatureUseEvent,
    LoginEvent,
    PaymentEvent,
    SupportTicketEvent,
)

MAX_ITEMS = 5_000
ONE_CUSTOMER = "customer_id: Name the customer by exactly one of customer_id and external_id"
_MAX_REASONS = 3


class _Addressed(BaseModel):
    """Whose event it is."""

    customer_id: Annotated[
        int | None,
        Field(default=None, description="This or external_id, exactly one of them."),
        BeforeValidator(whole_number),
    ]
    external_id: Annotated[
        Identifier | None, Field(default=None, description="The customer's external_id.")
    ]


class BulkLoginEvent(LoginEvent, _Addressed):
    """A login of one customer."""


class BulkApiCallEvent(ApiCallEvent, _Addressed):
    """One or more API calls of one customer."""


class BulkFeatureUseEvent(FeatureUseEvent, _Addressed):
    """One customer's use of a feature."""


class BulkPaymentEvent(PaymentEvent, _Addressed):
    """One customer's payment, or its failure."""


class BulkSupportTicketEvent(SupportTicketEvent, _Addressed):
    """One customer's support ticket opened, changed or resolved."""


BulkEvent = Annotated[
    BulkLoginEvent
    | BulkApiCallEvent
    | BulkFeatureUseEvent
    | BulkPaymentEvent
    | BulkSupportTicketEvent,
    OneEvent(),
]
BULK_EVENT_ADAPTER: TypeAdapter[BulkEvent] = TypeAdapter(BulkEvent)


class BulkIn(BaseModel):
    """The body's envelope; whatever its items are, each gets a verdict of its own."""

    model_config = ConfigDict(extra="forbid", strict=True)
    events: Annotated[list[Any], Field(max_length=MAX_ITEMS)]


class Addressed(NamedTuple):
    """A valid event and how its item names the customer."""

    customer_id: int | None
    external_id: str | None
    event: EventIn


class Refused(NamedTuple):
    """Why an item can't be recorded, with the path of each wrong value."""

    event_id: str | None
    reason: str


def read_items(items: Sequence[Any]) -> list[Addressed | Refused]:
    """Validate each item."""
    return [_read(item) for item in items]


def field_path(error: Mapping[str, Any]) -> str:
    """The dotted path of a value that pydantic refused in an event."""
    path = list(error["loc"])
    if path and path[0] in EVENT_TYPES:
        del path[0]  # pydantic names the member of the union that it validated
    if error["type"].startswith("union_tag"):
        path.append("event_type")
    return ".".join(map(str, path))


def _read(item: Any) -> Addressed | Refused:
    try:
        event = BULK_EVENT_ADAPTER.validate_python(item)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        return Refused(_event_id(item), "; ".join(map(_reason, found[:_MAX_REASONS])))
    if (event.customer_id is None) == (event.external_id is None):
        return Refused(event.event_id, ONE_CUSTOMER)
    return Addressed(event.customer_id, event.external_id, event)


def _reason(error: Mapping[str, Any]) -> str:
    path, message = field_path(error)[:300], error["msg"]
    return f"{path}: {message}" if path else message


def _event_id(item: Any) -> str | None:
    """The item's event_id, where an answer can repeat it."""
    given = item.get("event_id") if isinstance(item, dict) else None
    usable = isinstance(given, str) and 0 < len(given) <= 255 and given.isprintable()
    return given if usable else None
