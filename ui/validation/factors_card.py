"""Which factor helps: what the score loses without it, and what it tells by itself."""

import streamlit as st

from services.validation.views import FactorRanking, Validation
from ui import format as as_text
from ui import page
from ui.charts.intervals import Line, Scale, describe, intervals
from ui.validation import words

GAIN = Scale("AUC that the factor adds", 0.0, "nothing", "+.2f", more="Weight")
ALONE = Scale("AUC of the factor alone", 0.5, "chance", ".1f", most=1.0, more="Weight")


def factors_card(found: Validation) -> None:
    """Two charts of the same factors, those that add most first."""
    caption = "With 95% intervals; a factor whose line crosses the dashed one may add nothing"
    with page.card("Which factor helps?", caption):
        adds = [line for line in map(_gain, found.factors) if line]
        alone = [line for line in map(_alone, found.factors) if line]
        if not (adds and alone):
            st.markdown("Nothing to compare yet.")
            return
        first, second = st.columns(2)
        with first:
            st.markdown("**In the score**: AUC with it, less the AUC without it")
            st.vega_lite_chart(intervals(adds, GAIN), alt=describe(adds, GAIN), key="gains")
        with second:
            st.markdown("**By itself**: AUC of its own score")
            st.vega_lite_chart(intervals(alone, ALONE), alt=describe(alone, ALONE), key="alone")


def _gain(one: FactorRanking) -> Line | None:
    if one.gain.value is None:
        return None
    interval = ""
    if one.gain.low is not None and one.gain.high is not None:
        interval = f"{words.signed_figure(one.gain.low)} to {words.signed_figure(one.gain.high)}"
    text = words.signed_figure(one.gain.value)
    return Line(
        one.label, one.gain.value, one.gain.low, one.gain.high, text, interval, _weight(one)
    )


def _alone(one: FactorRanking) -> Line | None:
    if one.auc.value is None:
        return None
    text, interval = words.figure(one.auc.value), words.between(one.auc)
    return Line(one.label, one.auc.value, one.auc.low, one.auc.high, text, interval, _weight(one))


def _weight(one: FactorRanking) -> str:
    return as_text.percent(one.weight)
