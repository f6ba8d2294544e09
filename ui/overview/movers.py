"""Whose score moved most within a week, and mainly why."""

from collections.abc import Sequence

import streamlit as st

from services.change_views import Mover
from ui import format as as_text
from ui import page, status
from ui.text import escape

DAYS, SHOWN = 7, 5
_WHO, _SCORE = 170, 134
"""px; the reason takes the rest of the line on a desktop, and its own on a phone."""


def movers_card(movers: Sequence[Mover]) -> None:
    """Up to five customers, biggest movement first, each with its main reason."""
    caption = "The biggest changes of score in 7 days, up or down, and the main reason of each"
    with page.card("Moved this week", caption, key="movers"):
        if not movers:
            st.markdown("No score moved within the last 7 days.")
        with st.container(gap="xxsmall", key="rows-movers"):
            for place, mover in enumerate(movers):
                if place:
                    st.divider()
                _row(mover)


def _row(mover: Mover) -> None:
    with st.container(horizontal=True, gap="small", key=f"mover-{mover.customer_id}"):
        with st.container(width=_WHO, gap=None):
            page.customer_link(
                mover.customer_id, mover.customer_name, key=f"mover-{mover.customer_id}"
            )
            owner = escape(mover.owner) if mover.owner else "no owner"
            st.caption(f"{escape(as_text.segment(mover.segment))} · {owner}")
        with st.container(width=_SCORE, gap=None):
            st.markdown(f"{status.badge(mover.status)} **{as_text.signed(mover.delta)}**")
            st.caption(f"from {as_text.score(mover.score_from)} to {as_text.score(mover.score_to)}")
        with st.container(width="stretch", gap=None):
            st.markdown(escape(mover.reason.summary) if mover.reason else as_text.NONE)
