"""The score, its change, its status and since when, and its place on the bands."""

from collections.abc import Sequence

import streamlit as st

from services.views import CustomerHealth, FactorScore
from ui import format as as_text
from ui import page, status
from ui.charts.bands import band_bar
from ui.customer.since import since
from ui.customer_loaders import HISTORY_DAYS, CustomerPage
from ui.score_change import change_options


def score_card(data: CustomerPage) -> None:
    """One card; readable without any score too."""
    health = data.health
    gone = data.item.churned_at is not None and data.item.churned_at.date() <= data.today
    when = "As of the day it left, " if gone else "As of "
    with page.card("Score", f"{when}{as_text.long_day(health.as_of)}", key="score"):
        st.metric(
            "Score",
            as_text.score(health.overall_score),
            **change_options(health.trend_30d, "in 30 days"),
            label_visibility="collapsed",
        )
        began = since(data.history, health.status, as_of=health.as_of, days=HISTORY_DAYS)
        st.markdown(f"{status.badge(health.status)} {'until then' if gone else began}")
        if health.overall_score is not None:
            st.vega_lite_chart(
                band_bar(data.bands, score=health.overall_score),
                alt=f"Score {as_text.score(health.overall_score)} of 100, "
                f"{status.word(health.status)}",
                key="score-bands",
            )
        st.caption(missing_line(health))
        if data.stability < 1 and health.overall_score is not None:
            share = as_text.percent(data.stability)
            st.caption(f"On an edge: {share} of weightings within ±20% keep this status.")


def missing_line(health: CustomerHealth) -> str:
    """What data the score rests on, in one line."""
    factors = health.factor_scores
    missing = [factor for factor in factors if factor.score is None]
    neutral = [factor for factor in factors if factor.neutral]
    if health.overall_score is None:
        return (
            f"{as_text.percent(health.coverage)} of the score's weight has data, and half is "
            f"needed. Missing: {_names(missing + neutral)}."
        )
    if not missing and not neutral:
        return f"All {_NUMBERS.get(len(factors), len(factors))} factors have data."
    parts = []
    if missing:
        parts.append(f"{_names(missing)}: no data, weight shared among the others.")
    if neutral:
        parts.append(f"{_names(neutral)}: no data, counted as neutral.")
    return " ".join(parts)


_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}


def _names(factors: Sequence[FactorScore]) -> str:
    return ", ".join(factor.label for factor in factors)
