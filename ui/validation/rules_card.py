"""How well against simple rules, and what a number of calls would have caught."""

import streamlit as st

from services.validation.views import Ranking, Validation
from ui import format as as_text
from ui import page
from ui.charts.intervals import Line, Scale, describe, intervals
from ui.validation import words

SCALE = Scale("AUC", 0.5, "chance", ".1f", most=1.0, more="Caught by calling")


def rules_card(found: Validation) -> None:
    """The score beside what a person would try first."""
    lines = [_line(one, one is found.score) for one in (found.score, *found.baselines)]
    known = [line for line in lines if line]
    with page.card("Better than a simple rule?", "AUC with its 95% interval; 0.5 is chance"):
        if known:
            st.vega_lite_chart(intervals(known, SCALE), alt=describe(known, SCALE), key="rules")
        else:
            st.markdown("Nothing to compare yet.")


def calling_card(found: Validation) -> None:
    """Of those who left, how many were among those one could have called."""
    title = f"If you call {as_text.plural(found.capacity, 'customer')} a month"
    with page.card(title, "On each date, those ranked riskiest"):
        for one in (found.score, *found.baselines):
            _caught(one)


def _caught(one: Ranking) -> None:
    with st.container(gap=None):
        st.markdown(f"**{one.label}**")
        if one.caught is None:
            st.caption("Nobody left: nobody to catch.")
            return
        caught = one.caught
        st.markdown(
            f"{caught.caught} of {caught.left} caught, **{as_text.percent(caught.share_caught)}**"
        )
        st.caption(
            f"{as_text.percent(caught.precision)} of {as_text.plural(caught.called, 'call')} went "
            f"to somebody that left: {caught.lift or 0:.1f} times as many as by chance"
        )


def _line(one: Ranking, accent: bool) -> Line | None:
    if one.auc.value is None:
        return None
    caught = as_text.percent(one.caught.share_caught) if one.caught else as_text.NONE
    return Line(
        one.label,
        one.auc.value,
        one.auc.low,
        one.auc.high,
        words.figure(one.auc.value),
        words.between(one.auc),
        f"{caught} of those who left",
        accent,
    )
