"""The five kinds of event: one description for the API, the entry form, importers and docs."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic.config import JsonDict, JsonValue

from services.event_content import canonical_json
from services.event_fields import (
    Amount,
    Count,
    Currency,
    Day,
    FeatureName,
    Identifier,
    Milliseconds,
    Satisfaction,
    SessionSeconds,
    StatusCode,
    Text,
    Timestamp,
    json_object,
)
from services.event_limits import OneEvent

EventType = Literal["login", "api_call", "feature_use", "payment", "support_ticket"]
EVENT_TYPES: tuple[EventType, ...] = (
    "login",
    "api_call",
    "feature_use",
    "payment",
    "support_ticket",
)


class EventData(BaseModel):
    """Properties that the product knows; unknown ones are kept as they are."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    _object = model_validator(mode="before")(json_object)

    def stated(self) -> dict[str, Any]:
        """The properties that were given, as JSON values (numbers maybe as Decimal)."""
        stated = dict(self.__pydantic_extra__ or ())
        given = self.__pydantic_fields_set__
        for name, value in self.__dict__.items():
            if name in given:
                stated[name] = value.isoformat() if type(value) is date else value
        return stated


class LoginData(EventData):
    """Somebody of the customer signed in."""

    user_id: Identifier | None = None
    ip_address: Identifier | None = None
    session_seconds: SessionSeconds | None = None


class ApiCallData(EventData):
    """A call of the API, or `count` calls that the sender has added up."""

    endpoint: Text
    method: Identifier | None = None
    status_code: StatusCode | None = None
    """400 and above count as an error."""
    response_time: Milliseconds | None = None
    count: Count | None = None
    user_id: Identifier | None = None


class FeatureUseData(EventData):
    """A feature was used, once or `count` times."""

    feature_name: FeatureName
    user_id: Identifier | None = None
    count: Count | None = None


class PaymentData(EventData):
    """News of an invoice: paid (unless said otherwise), pending or failed."""

    amount: Amount
    invoice_id: Identifier | None = None
    due_date: Day | None = None
    paid_date: Day | None = None
    currency: Currency | None = None
    status: Literal["paid", "pending", "failed"] | None = None


class SupportTicketData(EventData):
    """News of a support ticket."""

    ticket_id: Identifier | None = None
    subject: str | None = None
    priority: Literal["low", "medium", "high", "urgent"] | None = None
    status: Literal["open", "resolved"] | None = None
    satisfaction: Satisfaction | None = None


DATA_MODELS: dict[str, type[EventData]] = {
    "login": LoginData,
    "api_call": ApiCallData,
    "feature_use": FeatureUseData,
    "payment": PaymentData,
    "support_ticket": SupportTicketData,
}


class Envelope(BaseModel):
    """What every event has in common; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    __slots__ = ("_data_json",)

    timestamp: Timestamp | None = Field(
        default=None, description="When it happened, with an offset; default now."
    )
    event_id: Identifier | None = Field(
        default=None, description="Makes repeating the call harmless, for ever."
    )

    def content(self, data: dict[str, Any]) -> str:
        """Canonical JSON of `data`, which is what `event_data` states; validation knows it."""
        try:
            kept: str = object.__getattribute__(self, "_data_json")
        except AttributeError:  # a copy, or not made by EVENT_ADAPTER
            return canonical_json(data, ("event_data",))
        return kept


def _example(event_type: str, **data: JsonValue) -> ConfigDict:
    example: JsonDict = {
        "event_type": event_type,
        "event_data": data,
        "timestamp": "2026-05-04T09:30:00Z",
    }
    return ConfigDict(json_schema_extra={"examples": [example]})


class LoginEvent(Envelope):
    """A login."""

    model_config = _example("login", user_id="ada", session_seconds=1800)
    event_type: Literal["login"]
    event_data: LoginData = LoginData()


class ApiCallEvent(Envelope):
    """One or more API calls."""

    model_config = _example("api_call", endpoint="/v1/orders", status_code=200, count=25)
    event_type: Literal["api_call"]
    event_data: ApiCallData


class FeatureUseEvent(Envelope):
    """Use of a feature."""

    model_config = _example("feature_use", feature_name="reports", user_id="ada")
    event_type: Literal["feature_use"]
    event_data: FeatureUseData


class PaymentEvent(Envelope):
    """A payment, or its failure."""

    model_config = _example("payment", amount=499.0, invoice_id="INV-7", due_date="2026-05-10")
    event_type: Literal["payment"]
    event_data: PaymentData


class SupportTicketEvent(Envelope):
    """A support ticket opened, changed or resolved."""

    model_config = _example("support_ticket", ticket_id="T-9", subject="Export", priority="high")
    event_type: Literal["support_ticket"]
    event_data: SupportTicketData = SupportTicketData()


EventIn = Annotated[
    LoginEvent | ApiCallEvent | FeatureUseEvent | PaymentEvent | SupportTicketEvent, OneEvent()
]
"""An event as a client sends it. Built from JSON values only (times and days as strings)."""

EVENT_ADAPTER: TypeAdapter[EventIn] = TypeAdapter(EventIn)


def field_path(path: Sequence[str | int], error_type: str) -> str:
    """Where in an event pydantic found the error, dotted, ≤ 300 characters; empty for the whole."""
    found = [*path_in_event(path)]
    if error_type.startswith("union_tag"):
        found.append("event_type")
    return ".".join(map(str, found))[:300]


def path_in_event(path: Sequence[str | int]) -> Sequence[str | int]:
    """The path as the sender sees it: pydantic names the validated member of the union first."""
    return path[1:] if path and path[0] in EVENT_TYPES else path
