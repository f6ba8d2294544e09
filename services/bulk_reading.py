"""The verdict on each item of a bulk body, as far as the item itself goes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from db.tables import LARGEST_BIGINT
from services.bulk_items import BULK_EVENT_ADAPTER
from services.events import field_path
from services.incoming import Stated, stated
from services.plain_events import PlainEvents, is_plain_id

ONE_CUSTOMER = "customer_id: Name the customer by exactly one of customer_id and external_id"
_MAX_REASONS = 3
_ABSENT: dict[str, Any] = dict.fromkeys(
    ("customer_id", "external_id", "event_type", "event_data", "timestamp", "event_id")
)
_PLAIN = PlainEvents()


class Addressed(NamedTuple):
    """A valid event and how its item names the customer."""

    customer_id: int | None
    external_id: str | None
    event: Stated


class Refused(NamedTuple):
    """Why an item can't be recorded, with the path of each wrong value."""

    event_id: str | None
    reason: str


def read_items(items: Sequence[Any]) -> list[Addressed | Refused]:
    """Judge each item."""
    return [read_plain(item) or read_any(item) for item in items]


def read_plain(item: Any) -> Addressed | None:
    """An item that is plainly in order; None where only the schemas can tell."""
    if type(item) is not dict or "event_data" not in item:
        return None
    members = {**_ABSENT, **item}
    if len(members) > len(_ABSENT):
        return None
    customer_id, external_id, event_type, data, timestamp, event_id = members.values()
    if external_id is None:
        if type(customer_id) is not int or not 0 < customer_id <= LARGEST_BIGINT:
            return None
    elif customer_id is not None or not is_plain_id(external_id):
        return None
    event = _PLAIN.event(event_type, data, timestamp, event_id)
    return None if event is None else Addressed(customer_id, external_id, event)


def read_any(item: Any) -> Addressed | Refused:
    """The schemas' verdict."""
    try:
        event = BULK_EVENT_ADAPTER.validate_python(item)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        return Refused(_event_id(item), "; ".join(map(_reason, found[:_MAX_REASONS])))
    if (event.customer_id is None) == (event.external_id is None):
        return Refused(event.event_id, ONE_CUSTOMER)
    return Addressed(event.customer_id, event.external_id, stated(event))


def _reason(error: Mapping[str, Any]) -> str:
    path, message = field_path(error["loc"], error["type"]), error["msg"]
    return f"{path}: {message}" if path else message


def _event_id(item: Any) -> str | None:
    """The item's event_id, where an answer can repeat it."""
    given = item.get("event_id") if isinstance(item, dict) else None
    return given if is_plain_id(given) else None
