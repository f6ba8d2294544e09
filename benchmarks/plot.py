"""The plot of the README: what grows with the number of customers, and what does not."""

from pathlib import Path

import altair as alt
import pandas as pd

from benchmarks.bench import Bench
from benchmarks.measures.growth import RESCORE
from benchmarks.measures.list_pages import LIST
from benchmarks.measures.reads import HEALTH, PLAIN_STATS, STATS

INK = "#7d8590"
"""Readable on white and on black, since an image doesn't know its page."""
SERIES = {
    PLAIN_STATS: ("plain app: dashboard stats", "#e05260"),
    HEALTH: ("a customer's health", "#3b82d0"),
    LIST: ("a page of the list", "#0f9f8c"),
    STATS: ("dashboard stats", "#a06bd6"),
    RESCORE: ("rescore of 100 customers", "#d17a00"),
}


def draw(bench: Bench, target: Path) -> None:
    """Write the SVG."""
    points = pd.DataFrame(
        [
            {"series": name, "customers": size, "ms": value * (0.1 if what == RESCORE else 1)}
            for what, (name, _) in SERIES.items()
            for size, value in bench.growth.get(what, {}).items()
        ]
    )
    names = [name for name, _ in SERIES.values()]
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(domain=names, range=[colour for _, colour in SERIES.values()]),
        legend=alt.Legend(
            title=None, orient="right", symbolType="stroke", labelLimit=260, labelFontSize=12
        ),
    )
    base = alt.Chart(points).encode(
        x=alt.X(
            "customers:Q",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=list(bench.sizes), format=",", grid=False),
            title="customers stored",
        ),
        y=alt.Y(
            "ms:Q",
            scale=alt.Scale(type="log"),
            axis=alt.Axis(values=[1, 10, 100, 1_000, 10_000, 100_000], format="~s"),
            title="time (ms)",
        ),
        color=colour,
        shape=alt.Shape("series:N", sort=names, legend=None),
    )
    chart = (base.mark_line(strokeWidth=2) + base.mark_point(size=40, filled=True)).properties(
        width=420,
        height=240,
        background="transparent",
        title=alt.Title("Time against stored customers", anchor="start"),
    )
    _in_ink(chart).save(target, format="svg")


def _in_ink(chart: alt.LayerChart) -> alt.LayerChart:
    inked: alt.LayerChart = (
        chart.configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            domainColor=INK,
            tickColor=INK,
            gridColor=INK,
            gridOpacity=0.25,
            titleFontWeight="normal",
            labelFontSize=12,
            titleFontSize=12,
        )
        .configure_legend(labelColor=INK)
        .configure_title(color=INK)
    )
    return inked
