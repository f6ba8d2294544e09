"""What pulls the score down, and what to do about it."""

import streamlit as st

from services.views import CustomerHealth
from ui import format as as_text
from ui import page
from ui.charts.bands import Bands
from ui.charts.waterfall import by_loss, describe, waterfall
from ui.text import escape


def causes_card(health: CustomerHealth, bands: Bands) -> None:
    """The waterfall, or a sentence where there is no overall score."""
    caption = "From 100 to the score: points that each factor costs, biggest first"
    with page.card("What pulls the score down", caption, key="causes"):
        if health.overall_score is None:
            st.markdown(
                "There is no overall score to explain yet. The factors below say what is missing."
            )
        else:
            st.vega_lite_chart(waterfall(health, bands), alt=describe(health), key="causes-chart")


def actions_card(health: CustomerHealth) -> None:
    """One step for each factor below healthy, most points first."""
    caption = "One step for each factor below healthy, most points first"
    with page.card("What to do", caption, key="actions"):
        steps = [factor for factor in by_loss(health.factor_scores) if factor.recommendation]
        if not steps:
            st.markdown(_nothing_to_do(health))
        for factor in steps:
            gain = f" :small[up to {as_text.points(factor.loss)}]" if factor.loss >= 0.5 else ""
            with st.container(gap=None):
                st.markdown(f"**{factor.label}**{gain}")
                st.caption(escape(factor.recommendation or ""))


def _nothing_to_do(health: CustomerHealth) -> str:
    if health.overall_score is None:
        return "Nothing yet: advice comes with the score. Check that this customer's data arrives."
    return "Nothing to do: every factor with data is healthy."
