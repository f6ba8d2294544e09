"""The form's fields, read off the schemas that the API validates with, and the way back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal, get_args

from pydantic import BaseModel, ValidationError

from services.events import EVENT_ADAPTER, EventIn
from ui.event_words import field_words

Kind = Literal["text", "choice", "integer", "number", "day"]
_FEW = 10
"""A range of so few whole numbers is offered as a choice."""


@dataclass(frozen=True)
class FormField:
    """One property of an event's data, as a form asks for it."""

    name: str
    kind: Kind
    required: bool
    choices: tuple[Any, ...] = ()
    max_length: int | None = None


@lru_cache(maxsize=16)
def fields(event_type: str) -> tuple[FormField, ...]:
    """Exactly the properties of that type, required ones first.

    Raises:
        KeyError: for an unknown type.
    """
    schema = _data_models()[event_type].model_json_schema()
    required = set(schema.get("required", ()))
    found = [_field(name, part, name in required) for name, part in schema["properties"].items()]
    return tuple(sorted(found, key=lambda field: not field.required))


def event(
    event_type: str, values: Mapping[str, Any], *, event_id: str, when: datetime | None
) -> EventIn:
    """The event that the form describes; empty fields are left out.

    Args:
        values: what the widgets hold, by property.
        when: UTC without an offset; None means now.

    Raises:
        ValidationError: `problems` makes sentences of it.
    """
    data = {name: _json(value) for name, value in values.items() if given(value)}
    envelope: dict[str, Any] = {
        "event_type": event_type,
        "event_data": data,
        "event_id": event_id,
    }
    if when is not None:
        envelope["timestamp"] = f"{when.isoformat()}Z"
    return EVENT_ADAPTER.validate_python(envelope)


def problems(error: ValidationError) -> list[str]:
    """One readable sentence for each thing that is wrong."""
    return [_problem(problem) for problem in error.errors(include_url=False, include_input=False)]


@lru_cache(maxsize=1)
def _data_models() -> dict[str, type[BaseModel]]:
    events = get_args(get_args(EventIn)[0])
    return {
        get_args(model.model_fields["event_type"].annotation)[0]: model.model_fields[
            "event_data"
        ].annotation
        for model in events
    }


def _field(name: str, schema: Mapping[str, Any], required: bool) -> FormField:
    part = next((p for p in schema.get("anyOf", ()) if p.get("type") != "null"), schema)
    if "enum" in part:
        return FormField(name, "choice", required, choices=tuple(part["enum"]))
    if part["type"] == "integer":
        low, high = part.get("minimum"), part.get("maximum")
        if low is not None and high is not None and high - low < _FEW:
            return FormField(name, "choice", required, choices=tuple(range(low, high + 1)))
        return FormField(name, "integer", required)
    if part["type"] == "number":
        return FormField(name, "number", required)
    if part.get("format") == "date":
        return FormField(name, "day", required)
    return FormField(name, "text", required, max_length=part.get("maxLength"))


def given(value: Any) -> bool:
    """Whether a widget holds anything."""
    return value is not None and not (isinstance(value, str) and not value.strip())


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.strip() if isinstance(value, str) else value


def sentence(path: Sequence[str | int], message: str) -> str:
    """What is wrong with the field at the path, by the field's name in the form."""
    names = [part for part in path if isinstance(part, str)]
    label = field_words((names or ["event"])[-1]).label
    message = message.removesuffix(".")
    for subject in ("Input should", "String should"):
        if message.startswith(subject):
            return f"{label} should{message.removeprefix(subject)}."
    return f"{label}: {message}."


def _problem(problem: Mapping[str, Any]) -> str:
    if problem["type"] == "missing":
        return f"{field_words(str(problem['loc'][-1])).label} is required."
    return sentence(problem["loc"], problem["msg"])
