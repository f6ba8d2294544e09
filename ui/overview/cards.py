"""The Overview's three charts, each in its card."""

import streamlit as st

from services.distribution import ScoreBin
from services.views import DashboardStats, PortfolioDay
from ui import format as as_text
from ui import page, status
from ui.charts import distribution, portfolio, segments


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


def portfolio_card(days: list[PortfolioDay]) -> None:
    """How many customers are in trouble, day by day."""
    with page.card("Customers in trouble", "At risk and critical, day by day"):
        if len(days) > 1:
            st.vega_lite_chart(
                portfolio.portfolio(days), alt=portfolio.describe(days), key="portfolio"
            )
        else:
            st.markdown("The line starts tomorrow: there is one day of scores so far.")


def segments_card(stats: DashboardStats) -> None:
    """Each segment's customers by status."""
    with page.card("Status by segment", "Share of each segment's customers"):
        st.vega_lite_chart(
            segments.segments(stats.by_segment),
            alt=segments.describe(stats.by_segment),
            key="segments",
        )
