"""The items of a bulk body: events that name their customer."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from services.event_fields import Identifier, whole_number
from services.event_limits import OneEvent
from services.events import (
    ApiCallEvent,
    FeatureUseEvent,
    LoginEvent,
    PaymentEvent,
    SupportTicketEvent,
)

MAX_ITEMS = 5_000


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
