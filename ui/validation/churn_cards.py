"""Churn by score, and whether predicted probabilities come true."""

import streamlit as st

from services.validation.views import Validation
from ui import format as as_text
from ui import page
from ui.charts import churn
from ui.validation import words


def deciles_card(found: Validation) -> None:
    """Do lower scores leave more often?"""
    if found.churn_rate is None:
        return
    everybody = as_text.percent(found.churn_rate)
    caption = f"Churn rate with its 95% interval; the dashed line is everybody's {everybody}"
    with page.card("Do lower scores leave more often?", caption):
        chart = churn.by_score(found.deciles, found.churn_rate)
        st.vega_lite_chart(chart, alt=churn.describe_by_score(found.deciles), key="deciles")


def reliability_card(found: Validation) -> None:
    """Does 30% mean 30%?"""
    caption = "Probabilities that earlier dates give a score, against what happened later"
    with page.card("Do probabilities come true?", caption):
        if found.reliability is None:
            st.markdown("Too few left, on earlier or on later dates, to fit and to judge.")
            return
        told = found.reliability
        st.vega_lite_chart(
            churn.reliability(told.points),
            alt=churn.describe_reliability(told.points),
            key="reliability",
        )
        better = told.brier < told.brier_of_base_rate
        st.caption(
            f"Fitted on dates up to {as_text.day(told.fitted_to)}, judged from "
            f"{as_text.day(told.judged_from)} on. Brier score {told.brier:.3f}, "
            f"{'better' if better else 'no better'} than {told.brier_of_base_rate:.3f} for telling "
            "everybody the same."
        )


def early_words(found: Validation) -> str:
    """How early, in a sentence or two."""
    told = found.warnings
    if told is None:
        return "Nobody has left since the first date."
    if told.median_days is None:
        half = f"Half of them had not been healthy for more than {words.days(told.days_looked_at)}."
    elif told.median_days == 0:
        half = "Half of them were healthy until the day before they left."
    else:
        half = (
            f"Half of them had last been healthy {words.days(told.median_days)} before they left."
        )
    return (
        f"{half} Of {as_text.plural(told.customers, 'customer')} that left, {told.never} were "
        f"healthy to the end, and {told.longer} had not been for all the "
        f"{words.days(told.days_looked_at)} looked at."
    )
