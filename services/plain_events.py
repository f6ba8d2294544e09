"""The schemas' verdict at a fifth of its cost, on events that leave no doubt.

Whatever isn't plainly in order gets no verdict here, and is left to the schemas. A property's
value is judged by its own part of the schema, once: real events repeat themselves.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from services.event_content import ContentError, canonical_json
from services.event_fields import EARLIEST
from services.events import DATA_MODELS
from services.incoming import Stated

_REMEMBERED = 1_000
"""Of a property: most users and features of a while, in a few megabytes."""
_LONGEST_VALUE = 300
_LONGEST_DATA = 4_000
"""Characters: far below what an event may hold, however they are encoded, and may be remembered."""

_SCALARS = (str, int, Decimal)
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|\+00:00)", re.ASCII)

Judged = tuple[Any, str] | None
"""A value as the schema takes it and its member of the canonical JSON; None for doubt."""


class _Property(dict[Any, Judged]):
    """The verdicts on the values of a property."""

    def __init__(self, name: str, schema: TypeAdapter[Any], remembered: int) -> None:
        super().__init__()
        self._name = name
        self._schema = schema
        self._remembered = remembered

    def __missing__(self, value: Any) -> Judged:
        judged = self._judge(value)
        if judged is not None:
            if len(self) >= self._remembered:
                self.clear()
            self[value] = judged
        return judged

    def _judge(self, value: Any) -> Judged:
        try:
            taken = self._schema.validate_python(value)
            member = canonical_json({self._name: value})[1:-1]
        except (ValidationError, ContentError):
            return None
        if len(member) > _LONGEST_VALUE:
            return None
        return taken.isoformat() if isinstance(taken, date) else taken, member


class PlainEvents:
    """Judges events, and remembers what it has seen: up to so many values a property."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._types = {
            event_type: (
                {name: _property(model, name, remembered) for name in model.model_fields},
                [name for name, field in model.model_fields.items() if field.is_required()],
            )
            for event_type, model in DATA_MODELS.items()
        }

    def event(self, event_type: Any, data: Any, timestamp: Any, event_id: Any) -> Stated | None:
        """What is stated; None where only the schemas can tell."""
        if event_id is not None and not is_plain_id(event_id):
            return None
        if timestamp is not None:
            timestamp = plain_moment(timestamp) if type(timestamp) is str else None
            if timestamp is None:
                return None
        judged = self.data(event_type, data)
        return None if judged is None else Stated(event_type, event_id, timestamp, *judged)

    def data(self, event_type: Any, data: Any) -> tuple[dict[str, Any], str] | None:
        """`event_data` and its canonical text; None where only the schema can tell."""
        if type(event_type) is not str or event_type not in self._types or type(data) is not dict:
            return None
        properties, required = self._types[event_type]
        stated, members = {}, []
        for name, value in data.items():
            # Only these exact types: as a dictionary's key, True would pass for 1.
            if name not in properties or type(value) not in _SCALARS:
                return None
            judged = properties[name][value]
            if judged is None:
                return None
            stated[name], member = judged
            members.append(member)
        for name in required:
            if name not in stated:
                return None
        members.sort()
        data_json = "{" + ",".join(members) + "}"
        return (stated, data_json) if len(data_json) <= _LONGEST_DATA else None


def is_plain_id(value: Any) -> bool:
    """Whether it is a text that can be an id, with nothing in it that needs a second look."""
    return type(value) is str and 0 < len(value) <= 255 and value.isprintable()


def plain_moment(text: str) -> datetime | None:
    """The time that an ISO 8601 text in UTC tells; None where only the schema can tell."""
    if not _UTC.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment >= EARLIEST else None


def _property(model: Any, name: str, remembered: int) -> _Property:
    schema = model.model_fields[name].rebuild_annotation()
    return _Property(name, TypeAdapter(schema, config=ConfigDict(strict=True)), remembered)
