"""The draft as a form: which factors, weights, parameters, bands, and what differs by segment."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from scoring import registry
from scoring.factors.base import Factor
from scoring.model import SEGMENTS
from services.scoring_models import built_in_models
from ui import format as as_text
from ui.scoring_model.draft import Definition, turn
from ui.scoring_model.fields import Schema, field, is_number, parameters
from ui.text import escape


def form(base: Definition) -> Definition:
    """Draws the fields. Returns what they say, valid or not."""
    segments = [*base.get("segments", SEGMENTS)]
    bands = _bands(base["bands"])
    chosen = st.multiselect(
        "Factors",
        [factor.name for factor in registry.FACTORS],
        default=[name for name in base["factors"] if registry.find(name)],
        format_func=_label,
        key=_key("factors"),
    )
    factors = {
        factor.name: _factor(factor, _given(factor, base), segments)
        for factor in registry.FACTORS
        if factor.name in chosen
    }
    _say_sum(factors)
    return {**base, "bands": bands, "segments": segments, "factors": factors}


def _key(*parts: str) -> str:
    return "-".join(("draft", str(turn()), *parts))


def _label(name: str) -> str:
    factor = registry.find(name)
    return factor.label if factor else name


def _bands(bands: dict[str, float]) -> dict[str, float]:
    found = {}
    columns = st.columns(2)
    for column, name, label in zip(
        columns, ("healthy", "at_risk"), ("Healthy from", "At risk from"), strict=True
    ):
        found[name] = column.number_input(
            label, 0.0, 100.0, float(bands[name]), step=1.0, format="%g", key=_key("band", name)
        )
    return found


def _given(factor: Factor[Any], base: Definition) -> dict[str, Any]:
    """The factor as the draft has it, or as a built-in model does."""
    if factor.name in base["factors"]:
        found: dict[str, Any] = base["factors"][factor.name]
        return found
    for model in built_in_models().values():
        if factor.name in model.factors:
            return {**model.definition()["factors"][factor.name], "weight": 0.1}
    return {"weight": 0.1, "segments": {}}


def _factor(factor: Factor[Any], given: dict[str, Any], segments: Sequence[str]) -> dict[str, Any]:
    known = parameters(factor)
    with st.container(border=True, gap="small", key=_key("card", factor.name)):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            with st.container(gap=None, width="stretch"):
                st.markdown(f"**{factor.label}**")
                st.caption(escape(factor.description))
            weight = st.number_input(
                "Weight",
                0.0,
                1.0,
                float(given["weight"]),
                step=0.01,
                format="%.2f",
                width=130,
                key=_key("weight", factor.name),
            )
        values: dict[str, Any] = {}
        with st.grid(3, min_column_width=140, gap="small"):
            for name, schema in known.items():
                values[name] = field(name, schema, given.get(name), key=_key(factor.name, name))
        overrides = _by_segment(factor, known, given.get("segments", {}), segments)
    said = {name: value for name, value in values.items() if value not in (None, [])}
    return {"weight": weight, **said, "segments": overrides}


def _by_segment(
    factor: Factor[Any],
    known: dict[str, Schema],
    given: dict[str, dict[str, Any]],
    segments: Sequence[str],
) -> dict[str, dict[str, Any]]:
    """A table of numbers, empty where a segment has nothing of its own."""
    numbers = [name for name, schema in known.items() if is_number(schema)]
    told = f" ({as_text.count(len(given))})" if given else ""
    with st.expander(f"By segment{told}"):
        st.caption("What a segment has of its own; an empty cell is as above.")
        rows = pd.DataFrame(
            [[given.get(segment, {}).get(name) for name in numbers] for segment in segments],
            index=pd.Index(segments, name="segment"),
            columns=numbers,
            dtype="float64",
        )
        edited = st.data_editor(
            rows,
            column_config={
                name: st.column_config.NumberColumn(
                    step=1 if known[name]["type"] == "integer" else None
                )
                for name in numbers
            },
            key=_key("segments", factor.name),
            width="stretch",
        )
    found: dict[str, dict[str, Any]] = {}
    for segment in segments:
        said = edited.loc[segment].to_dict()
        own = {
            name: int(said[name]) if known[name]["type"] == "integer" else float(said[name])
            for name in numbers
            if not pd.isna(said[name])
        }
        lists = {
            name: value for name, value in given.get(segment, {}).items() if name not in numbers
        }
        if own or lists:
            found[segment] = {**lists, **own}
    return found


def _say_sum(factors: dict[str, dict[str, Any]]) -> None:
    total = sum(config["weight"] for config in factors.values())
    if abs(total - 1) <= 1e-9:
        st.caption(":material/check: The weights add up to 1.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":orange[:material/warning:] The weights add up to {total:.2f}, not to 1.")
        st.button(
            "Share them out",
            on_click=_share,
            args=({name: config["weight"] for name, config in factors.items()}, total),
            disabled=not total,
            key=_key("share"),
        )


def _share(weights: dict[str, float], total: float) -> None:
    """Each weight in proportion, in steps of 0.01, the last one what is left."""
    shares = {name: round(weight / total, 2) for name, weight in weights.items()}
    largest = max(shares, key=lambda name: shares[name])
    shares[largest] = round(shares[largest] + 1 - sum(shares.values()), 2)
    for name, share in shares.items():
        st.session_state[_key("weight", name)] = share
