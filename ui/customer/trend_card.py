"""Score over time, ending with the live score, as far back as one asks."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from scoring import registry
from services.views import CustomerHealth, SnapshotItem
from ui import customer_loaders as loaders
from ui import format as as_text
from ui import gate, page, status, time_range
from ui.charts.marks import Mark, changed
from ui.charts.trend import TrendPoint, describe, trend


@st.fragment
def trend_card(data: loaders.CustomerPage) -> None:
    """A chart, or a sentence where there is no history; another range redraws it alone."""
    with gate.redrawn():
        _card(data)


def _card(data: loaders.CustomerPage) -> None:
    gone = data.health.as_of < data.today
    with page.card("Score over time", "Up to the day it left" if gone else None, key="trend"):
        days = time_range.days_to_show("trend-range")
        points, marks = _drawn(_history(data, days), data.health)
        if sum(point.score is not None for point in points) < 2:
            st.markdown("No history yet: a line appears once the score has two days behind it.")
        else:
            st.vega_lite_chart(
                trend(points, data.bands, marks), alt=describe(points, marks), key="trend-chart"
            )


def _history(data: loaders.CustomerPage, days: int | None) -> Sequence[SnapshotItem]:
    last = data.health.as_of
    start = date.min if days is None else last - timedelta(days=days - 1)
    if days is not None and days <= loaders.HISTORY_DAYS:
        return [snapshot for snapshot in data.history if snapshot.day >= start]
    return loaders.score_history(data.item.id, start, last)


def _drawn(
    history: Sequence[SnapshotItem], health: CustomerHealth
) -> tuple[list[TrendPoint], list[Mark]]:
    """The snapshots before the score's day, then the score as it is now; and what changed."""
    past = [snapshot for snapshot in history if snapshot.day < health.as_of]
    points = [
        TrendPoint(
            snapshot.day,
            snapshot.overall_score,
            status.word(snapshot.status),
            _details(snapshot.model, snapshot.model_version, snapshot.factor_scores),
        )
        for snapshot in past
    ]
    scores = {factor.factor_name: factor.score for factor in health.factor_scores}
    now = _details(health.model, health.model_version, scores)
    points.append(TrendPoint(health.as_of, health.overall_score, status.word(health.status), now))
    while points[0].score is None and len(points) > 1:
        points.pop(0)
    told = [(item.day, item.model, item.model_version, item.segment) for item in past]
    told.append((health.as_of, health.model, health.model_version, health.segment))
    marks = changed(
        change
        for day, model, version, segment in told
        for change in (
            (day, "Scoring model", f"{model} {version}"),
            (day, "Segment", as_text.segment(segment)),
        )
    )
    return points, [mark for mark in marks if mark.day > points[0].day]


def _details(
    model: str, version: int, scores: dict[str, float | None]
) -> tuple[tuple[str, str], ...]:
    """The model that made the score, and each factor of the day, in the registry's order."""
    known = [factor for factor in registry.FACTORS if factor.name in scores]
    factors = [(factor.label, as_text.score(scores[factor.name])) for factor in known]
    return (("Scoring model", f"{model} {version}"), *factors)
