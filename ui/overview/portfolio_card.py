"""The portfolio through time: who is in trouble, or the average score, as far back as one asks."""

import streamlit as st

from services.views import PortfolioDay
from ui import format as as_text
from ui import gate, loaders, page, time_range
from ui.charts import portfolio, trend
from ui.charts.bands import Bands
from ui.charts.marks import Mark, changed
from ui.charts.trend import TrendPoint

TROUBLE, AVERAGE = "In trouble", "Average score"


@st.fragment
def portfolio_card(today: PortfolioDay) -> None:
    """The card; choosing another range, or what to show, redraws it alone."""
    with gate.redrawn():
        _card(today)


def _card(today: PortfolioDay) -> None:
    caption = "At risk and critical, or the average score, day by day; who has left isn't in it"
    with page.card("Portfolio over time", caption, key="portfolio-card"):
        with st.container(horizontal=True):
            days = time_range.days_to_show("portfolio-range")
            shown = st.segmented_control(
                "What to show",
                [TROUBLE, AVERAGE],
                default=TROUBLE,
                required=True,
                key="portfolio-shown",
                label_visibility="collapsed",
            )
        past = loaders.portfolio_past(today.day, days)
        drawn = [*past.days, today]
        marks = changed((day, "Scoring model", word) for day, word in past.models)
        if len(drawn) < 2:
            st.markdown("The line starts tomorrow: there is one day of scores so far.")
        elif shown == TROUBLE:
            st.vega_lite_chart(
                portfolio.portfolio(drawn, marks),
                alt=portfolio.describe(drawn, marks),
                key="portfolio",
            )
        else:
            _average(drawn, past.bands, marks)


def _average(days: list[PortfolioDay], bands: Bands, marks: list[Mark]) -> None:
    points = [
        TrendPoint(
            day.day,
            day.average_score,
            bands.word(day.average_score),
            (
                ("Customers", as_text.count(day.customers)),
                ("ARR at risk", as_text.money(day.arr_at_risk)),
            ),
        )
        for day in days
    ]
    if sum(point.score is not None for point in points) < 2:
        st.markdown("Nobody has had a score for two days yet.")
    else:
        st.vega_lite_chart(
            trend.trend(points, bands, marks), alt=trend.describe(points, marks), key="average"
        )
