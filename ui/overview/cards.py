"""The Overview's charts of today, each in its card."""

import streamlit as st

from services.distribution import ScoreBin
from services.views import DashboardStats
from ui import format as as_text
from ui import page, status
from ui.charts import distribution, segments


def scores_card(bins: list[ScoreBin], stats: DashboardStats) -> None:
    """How many customers have which score."""
    unscored = stats.by_status.no_data
    with page.card("Scores", "Customers by score; select a bar to see them"):
        if any(part.customers for part in bins):
            st.vega_lite_chart(
                distribution.distribution(bins), alt=distribution.describe(bins), key="scores"
            )
        else:
            st.markdown("Nobody has a score yet: that takes data for half of the weight.")
        if unscored:
            words = f"{status.STYLES['no_data'].colored_icon} {as_text.count(unscored)}"
            page.link(
                page.CUSTOMERS,
                f"{words} without a score",
                key="unscored",
                query={"status": status.word("no_data")},
            )


def segments_card(stats: DashboardStats) -> None:
    """Each segment's customers by status."""
    with page.card("Status by segment", "Share of each segment's customers"):
        st.vega_lite_chart(
            segments.segments(stats.by_segment),
            alt=segments.describe(stats.by_segment),
            key="segments",
        )
