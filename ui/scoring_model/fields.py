"""One field for each parameter of a factor, made from what the factor says of it."""

from typing import Any

import streamlit as st

from scoring.factors.base import Factor

Schema = dict[str, Any]


def parameters(factor: Factor[Any]) -> dict[str, Schema]:
    """Each parameter's schema by name: type, bounds, description."""
    found: dict[str, Schema] = factor.params_type.model_json_schema()["properties"]
    return {name: _flat(schema) for name, schema in found.items()}


def is_number(schema: Schema) -> bool:
    """Whether one number is the value."""
    return schema.get("type") in ("integer", "number")


def field(name: str, schema: Schema, value: Any, *, key: str) -> Any:
    """Draws the field; its value, None where it is left empty."""
    label = name.replace("_", " ").capitalize()
    about = schema.get("description", "")
    if not is_number(schema):
        return st.multiselect(
            label,
            list(value or ()),
            default=list(value or ()),
            accept_new_options=True,
            help=about,
            key=key,
            placeholder="Type a name",
        )
    whole = schema["type"] == "integer"
    kind = int if whole else float
    small = not whole and schema.get("maximum") == 1
    return st.number_input(
        label,
        min_value=_bound(schema, "minimum", "exclusiveMinimum", kind),
        max_value=_bound(schema, "maximum", "exclusiveMaximum", kind),
        value=None if value is None else kind(value),
        step=1 if whole else (0.01 if small else 1.0),
        format="%d" if whole else ("%.2f" if small else "%g"),
        help=about,
        key=key,
    )


def _bound(schema: Schema, name: str, exclusive: str, kind: type) -> Any:
    value = schema.get(name, schema.get(exclusive))
    return None if value is None else kind(value)


def _flat(schema: Schema) -> Schema:
    """An optional value's own schema: it may be left empty anyhow."""
    for part in schema.get("anyOf", ()):
        if part.get("type") != "null":
            return {**schema, **part}
    return schema
