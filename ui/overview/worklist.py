"""Start here: the lowest scores, and for each the factor that costs most."""

from datetime import date

import streamlit as st

from services.views import CustomerHealth, CustomerItem, DashboardStats
from ui import factor_words, page, status
from ui import format as as_text
from ui.text import escape

_WHO, _SCORE, _MONEY = 170, 134, 116
"""px; the reason takes the rest of the line on a desktop, and shares the second on a phone."""


def worklist(stats: DashboardStats, reasons: dict[int, CustomerHealth]) -> None:
    """The card with up to five customers, lowest score first."""
    trouble = stats.by_status.at_risk + stats.by_status.critical
    with page.card():
        _header(trouble, more=trouble > len(stats.top_at_risk))
        if not stats.top_at_risk:
            st.markdown(":green[:material/check_circle:] Nobody is at risk or critical.")
        with st.container(gap="xxsmall", key="rows-worklist"):
            for place, item in enumerate(stats.top_at_risk):
                if place:
                    st.divider()
                _row(item, reasons.get(item.id), stats.as_of)


def _header(trouble: int, *, more: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.subheader("Start here", anchor=False)
            st.caption("The lowest scores, and the factor that costs each the most points")
        if more:
            with st.container(width="content"):
                page.link(
                    page.CUSTOMERS,
                    f"All {as_text.count(trouble)} in trouble",
                    key="all-in-trouble",
                    query={"status": [status.word("at_risk"), status.word("critical")]},
                    icon=":material/arrow_forward:",
                )


def _row(item: CustomerItem, health: CustomerHealth | None, today: date) -> None:
    with st.container(horizontal=True, gap="small", key=f"worklist-{item.id}"):
        with st.container(width=_WHO, gap=None):
            page.customer_link(item.id, item.name, key=f"worklist-{item.id}")
            st.caption(_details(item))
        with st.container(width=_SCORE, gap=None):
            number = as_text.score(item.overall_score)
            st.markdown(f"{status.badge(item.status)} **{number}**")
            st.caption(as_text.change(item.trend_30d))
        with st.container(width="stretch", gap=None):
            _cause(health)
        with st.container(width=_MONEY, gap=None):
            st.markdown(f"{as_text.money(item.arr)} :small[:gray[ARR]]".replace("$", "\\$"))
            st.caption(as_text.renewal(item.renewal_date, today))


def _details(item: CustomerItem) -> str:
    owner = escape(item.owner) if item.owner else "no owner"
    return f"{escape(as_text.segment(item.segment))} · {owner}"


def _cause(health: CustomerHealth | None) -> None:
    costly = (
        max(health.factor_scores, key=lambda factor: factor.loss, default=None) if health else None
    )
    if costly is None or not costly.loss:
        st.markdown(as_text.NONE)
        return
    st.markdown(f"{costly.label} {as_text.points(-costly.loss)}")
    st.caption(escape(factor_words.in_short(costly)))
