"""The schemas' verdict at a fifth of its cost, for rows that leave no doubt.

Whatever isn't plainly in order gets no verdict here, and goes to `judge`. A property's value is
judged by its own part of the schema, once: real files repeat themselves.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from db.queries.events import EventRow
from services.event_content import ContentError, canonical_json, content_hash
from services.event_fields import EARLIEST
from services.imports.event_rows import Told
from services.imports.judge import SOURCE, row_id
from services.imports.kinds import DATA_MODELS
from services.incoming import AHEAD, SUBJECTS, Incoming

_REMEMBERED = 20_000
"""Values of a property."""
_LONGEST_VALUE = 1_000
_LONGEST_DATA = 4_000
"""Characters: far below what an event may hold, however they are encoded."""
_LONGEST_ID = 255

_SCALARS = (str, int, Decimal)
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)

Judged = tuple[Any, str] | None
"""A value as the schema takes it and its member of the canonical JSON; None for doubt."""


class _Property(dict[Any, Judged]):
    """The verdicts on the values of a property."""

    def __init__(self, name: str, schema: TypeAdapter[Any]) -> None:
        super().__init__()
        self._name = name
        self._schema = schema

    def __missing__(self, value: Any) -> Judged:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[value] = judged = self._judge(value)
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


class Quick:
    """Judges what rows tell, and remembers what it has seen."""

    def __init__(self) -> None:
        self._types = {
            event_type: (
                {name: _property(model, name) for name in model.model_fields},
                [name for name, field in model.model_fields.items() if field.is_required()],
            )
            for event_type, model in DATA_MODELS.items()
        }

    def judge(self, told: Told, *, customer_id: int, now: datetime) -> Incoming | None:
        """The event, ready to store; None where only `judge.judge` can tell."""
        occurred_at = _moment(told.timestamp)
        if occurred_at is None or occurred_at > now + AHEAD:
            return None
        received_at = occurred_at if told.received_at is None else _moment(told.received_at)
        content = self._content(told)
        if received_at is None or content is None:
            return None
        data, data_json = content
        event_type, event_id = told.event_type, told.event_id
        if event_id is None:
            event_id = row_id(event_type, occurred_at, data_json)
        elif len(event_id) > _LONGEST_ID or "\0" in event_id:
            return None
        subject = SUBJECTS.get(event_type)
        row = EventRow(
            customer_id,
            event_id,
            event_type,
            occurred_at,
            received_at,
            SOURCE,
            data.get(subject) or event_id if subject else None,
            data_json,
            content_hash(event_type, data_json),
        )
        return Incoming(row, occurred_at.date(), data, True)

    def _content(self, told: Told) -> tuple[dict[str, Any], str] | None:
        if told.event_type not in self._types or type(told.data) is not dict:
            return None
        properties, required = self._types[told.event_type]
        data, members = {}, []
        for name, value in told.data.items():
            # Only these exact types: as a dictionary's key, True would pass for 1.
            if name not in properties or type(value) not in _SCALARS:
                return None
            judged = properties[name][value]
            if judged is None:
                return None
            data[name] = judged[0]
            members.append(judged[1])
        for name in required:
            if name not in data:
                return None
        members.sort()
        data_json = "{" + ",".join(members) + "}"
        return (data, data_json) if len(data_json) <= _LONGEST_DATA else None


def _property(model: Any, name: str) -> _Property:
    schema = model.model_fields[name].rebuild_annotation()
    return _Property(name, TypeAdapter(schema, config=ConfigDict(strict=True)))


def _moment(cell: str) -> datetime | None:
    if not _UTC.fullmatch(cell):
        return None
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return moment if moment >= EARLIEST else None
