"""What is asked: which model, how soon somebody leaves, how early one must know, how many calls."""

from collections.abc import Sequence

import streamlit as st

from services.model_views import ModelVersion
from services.validation.dates import Question

HORIZONS = (30, 60, 90, 180)
LEADS = (0, 14, 30, 60)


def ask(versions: Sequence[ModelVersion]) -> tuple[ModelVersion, Question]:
    """Four fields in a row; the model in force and the usual question unless changed."""
    with st.grid(4, min_column_width=200, gap="small", vertical_alignment="bottom"):
        told = st.selectbox(
            "Scoring model", versions, format_func=lambda each: f"{each.title}, v{each.version}"
        )
        horizon = st.selectbox(
            "Leaves within",
            HORIZONS,
            index=HORIZONS.index(Question().horizon),
            format_func=_days,
            help="What counts as leaving: within so many days after the date looked at",
        )
        lead = st.selectbox(
            "Warned at least",
            LEADS,
            format_func=lambda days: f"{_days(days)} before" if days else "Any time before",
            help="Who leaves earlier than that after the date isn't counted: too late to act",
        )
        capacity = st.number_input(
            "Customers you can call",
            1,
            10_000,
            value=Question().capacity,
            help="On each date: those with the lowest scores",
        )
    return told, Question(lead, horizon, int(capacity))


def _days(days: int) -> str:
    return f"{days} days"
