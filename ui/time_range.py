"""How far back a chart reaches: the choice above it."""

import streamlit as st

RANGES: dict[str, int | None] = {"30 days": 30, "90 days": 90, "1 year": 365, "All": None}
DEFAULT = "90 days"


def days_to_show(key: str) -> int | None:
    """A row of choices; the days that are chosen, None for all there are."""
    chosen: str = st.segmented_control(
        "How far back",
        [*RANGES],
        default=DEFAULT,
        required=True,
        key=key,
        label_visibility="collapsed",
    )
    return RANGES[chosen]


def caption(days: int | None) -> str:
    """The choice in words."""
    return "All days" if days is None else "Last year" if days == 365 else f"Last {days} days"
