"""What any event may be at most, checked before anything else and only once."""

from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, ValidatorFunctionWrapHandler
from pydantic_core import PydanticCustomError, core_schema

from db.tables import LARGEST_BIGINT
from services.event_content import MAX_BYTES, ContentError, byte_length, canonical_json

_ENVELOPE = {"event_type", "timestamp", "event_id", "customer_id", "external_id", "event_data"}
_ENVELOPE_BYTES = 8 * 1024
"""More than an envelope of 255 characters a member can take."""


class OneEvent:
    """Limits first, then the union by `event_type`.

    Not written as Field(discriminator=…): FastAPI lifts that out of an alias and then
    applies it around the limits, where it discriminates nothing.
    """

    @staticmethod
    def __get_pydantic_core_schema__(
        source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        union = handler.generate_schema(Annotated[source, Field(discriminator="event_type")])
        return core_schema.no_info_wrap_validator_function(_within_limits, union)


def _within_limits(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """Validate an event that keeps the limits; it remembers the text that showed it."""
    try:
        data_json = _checked(value)
    except ContentError as error:
        raise PydanticCustomError(
            "event_content",
            "{place} {reason}",
            {"place": error.path or "Event", "reason": error.reason},
        ) from None
    event = validate(value)
    # Past the model, which is frozen and has no such field.
    object.__setattr__(event, "_data_json", data_json)
    return event


def _checked(value: Any) -> str:
    """The canonical text of `event_data`; the whole event is within the limits."""
    if not isinstance(value, dict) or "event_data" not in value:
        _check_size(byte_length(canonical_json(value)))
        return "{}"
    data_json = canonical_json(value["event_data"], ("event_data",))
    size = byte_length(data_json)
    if size > MAX_BYTES - _ENVELOPE_BYTES or not _is_harmless(value):
        size += byte_length(canonical_json({**value, "event_data": 0})) - 1
    _check_size(size)
    return data_json


def _is_harmless(envelope: dict[Any, Any]) -> bool:
    """Whether no member but event_data can hold what is refused, or be large."""
    for name, value in envelope.items():
        if type(value) is str:
            if len(value) > 255 or not value.isprintable():
                return False
        elif name != "event_data" and not (
            type(value) is int and -LARGEST_BIGINT <= value <= LARGEST_BIGINT
        ):
            return False
    return envelope.keys() <= _ENVELOPE


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise PydanticCustomError("event_too_large", "Event is larger than 32 KB")
