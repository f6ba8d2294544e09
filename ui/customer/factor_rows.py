"""The factors one by one: weight, status, score, sentence and key numbers."""

import streamlit as st

from services.views import CustomerHealth, FactorScore
from ui import factor_words, page, status
from ui import format as as_text
from ui.charts.bands import Bands
from ui.charts.waterfall import by_loss
from ui.text import escape

_NAME, _SCORE, _SUMMARY, _NUMBER = 165, 125, 310, 100
"""Widths in px: one line on a desktop, several on a phone."""


def factors_card(health: CustomerHealth, bands: Bands) -> None:
    """One row for each factor of the scoring model, in the order of the waterfall."""
    with (
        page.card("Factors", "What each score is made of", key="factors"),
        st.container(gap="medium"),
    ):
        for factor in by_loss(health.factor_scores):
            _row(factor, bands)


def _row(factor: FactorScore, bands: Bands) -> None:
    with st.container(horizontal=True, key=f"factor-{factor.factor_name}"):
        with st.container(width=_NAME, gap=None):
            st.markdown(f"**{factor.label}**")
            st.caption(weight(factor))
        with st.container(width=_SCORE):
            score = "" if factor.score is None else f" **{as_text.score(factor.score)}**"
            st.markdown(f"{status.badge(bands.status(factor.score))}{score}")
        with st.container(width=_SUMMARY):
            st.markdown(escape(factor.summary))
        with st.container(horizontal=True, width="stretch"):
            _numbers(factor)


def _numbers(factor: FactorScore) -> None:
    for label, value in factor_words.key_numbers(factor):
        with st.container(width=_NUMBER if len(value) < 16 else 2 * _NUMBER, gap=None):
            st.caption(escape(label))
            st.markdown(escape(value))


def weight(factor: FactorScore) -> str:
    """ "weight 25%", and "weight 30%, now 40%" where missing factors' weight is shared out."""
    nominal = f"weight {as_text.percent(factor.weight)}"
    if factor.score is None:
        return f"{nominal}, left out"
    if abs(factor.effective_weight - factor.weight) > 0.0005:
        nominal += f", now {as_text.percent(factor.effective_weight)}"
    return f"{nominal}, neutral" if factor.neutral else nominal
