"""Score over time: the last 90 days, ending with the live score."""

import streamlit as st

from ui import page, status
from ui.charts.trend import TrendPoint, describe, trend
from ui.customer_loaders import HISTORY_DAYS, CustomerPage


def trend_card(data: CustomerPage) -> None:
    """A chart, or a sentence where there is no history."""
    points = trend_points(data)
    gone = data.health.as_of < data.today
    caption = "Up to the day it left" if gone else f"Last {HISTORY_DAYS} days"
    with page.card("Score over time", caption, key="trend"):
        if sum(point.score is not None for point in points) < 2:
            st.markdown("No history yet: a line appears once the score has two days behind it.")
        else:
            st.vega_lite_chart(trend(points, data.bands), alt=describe(points), key="trend-chart")


def trend_points(data: CustomerPage) -> list[TrendPoint]:
    """The snapshots before the score's day, then the score as it is now."""
    health = data.health
    points = [
        TrendPoint(snapshot.day, snapshot.overall_score, status.word(snapshot.status))
        for snapshot in data.history
        if snapshot.day < health.as_of
    ]
    points.append(TrendPoint(health.as_of, health.overall_score, status.word(health.status)))
    while points and points[0].score is None and len(points) > 1:
        points.pop(0)
    return points
