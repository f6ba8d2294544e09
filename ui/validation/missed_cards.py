"""How early the warning came, and whom it missed."""

import streamlit as st

from services.validation.views import Missed, Validation
from ui import format as as_text
from ui import page, status
from ui.charts import warning
from ui.text import escape
from ui.validation import words
from ui.validation.churn_cards import early_words

SHOWN = 6
_WHO, _SCORE = 180, 170
"""px; what happened takes the rest of the line on a desktop, and its own on a phone."""


def early_card(found: Validation) -> None:
    """For how long those who left had not been healthy."""
    with page.card("How early?", "For how long those who left had not been healthy by then"):
        if found.warnings:
            chart = warning.warning(found.warnings)
            st.vega_lite_chart(chart, alt=warning.describe(found.warnings), key="early")
        st.markdown(early_words(found))


def missed_card(found: Validation) -> None:
    """Those who were healthy 90 days before they left; each leads to the customer."""
    caption = "Healthy 90 days before they left, those with the most ARR first"
    with page.card("Whom did it miss?", caption, key="missed"):
        if not found.missed:
            st.markdown("Nobody that left was healthy 90 days before.")
        with st.container(gap="xxsmall", key="rows-missed"):
            for place, one in enumerate(found.missed[:SHOWN]):
                if place:
                    st.divider()
                _row(one)
        more = found.missed_total - SHOWN
        if more > 0:
            st.caption(f"And {as_text.plural(more, 'other customer')}; the REST API lists 50.")


def _row(one: Missed) -> None:
    with st.container(horizontal=True, gap="small", key=f"missed-{one.customer_id}"):
        with st.container(width=_WHO, gap=None):
            page.customer_link(one.customer_id, one.customer_name, key=f"missed-{one.customer_id}")
            segment = escape(as_text.segment(one.segment))
            st.caption(f"{segment} · {escape(as_text.money(one.arr))} ARR")
        with st.container(width=_SCORE, gap=None):
            st.markdown(f"Left {as_text.day(one.left_on)}")
            st.caption(f"score {as_text.score(one.score_before)} 90 days before")
        with st.container(width="stretch", gap=None):
            st.markdown(f"{status.badge(one.last_status)} {as_text.score(one.last_score)}")
            st.caption(_warned(one))


def _warned(one: Missed) -> str:
    if one.days_warned == 0:
        return "on the day before: never warned of"
    return f"on the day before; not healthy for {words.days(one.days_warned)}"
