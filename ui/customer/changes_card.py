"""What changed the score between two days: a waterfall, and a sentence for each cause."""

from datetime import date, timedelta

import streamlit as st

from services.change_views import ScoreChanges
from ui import customer_loaders as loaders
from ui import format as as_text
from ui import gate, page
from ui.charts.bands import Bands
from ui.charts.changes import changes_chart, describe
from ui.text import escape

PERIODS = {"7 days": 7, "30 days": 30, "90 days": 90}
OWN = "Other days"


@st.fragment
def changes_card(data: loaders.CustomerPage) -> None:
    """The card; choosing other days redraws it alone."""
    with gate.redrawn():
        _card(data)


def _card(data: loaders.CustomerPage) -> None:
    last = data.health.as_of
    caption = "From one day's score to another's: the points that each cause moved"
    with page.card("What changed", caption, key="changes"):
        days = _days(last, data.item.created_at.date())
        if days is None:
            st.markdown("Choose a first and a last day.")
            return
        changes = loaders.changes(data.item.id, *days)
        if changes is None:
            return
        if changes.delta is None:
            st.markdown(_without_score(changes))
        elif not changes.parts:
            st.markdown(
                f"Nothing moved the score from {_moment(changes.start, changes.score_from)} to "
                f"{as_text.day(changes.end)}."
            )
        else:
            _told(changes, data.bands)


def _told(changes: ScoreChanges, bands: Bands) -> None:
    chart, words = st.columns([4, 3])
    with chart:
        st.vega_lite_chart(
            changes_chart(changes, bands), alt=describe(changes), key="changes-chart"
        )
    with words:
        st.markdown(
            f"**{as_text.signed(changes.delta or 0.0)} points**, from "
            f"{_moment(changes.start, changes.score_from)} to "
            f"{_moment(changes.end, changes.score_to)}"
        )
        for part in sorted(changes.parts, key=lambda part: -abs(part.delta)):
            st.markdown(f"- {escape(part.summary)}")


def _days(last: date, created: date) -> tuple[date, date] | None:
    """The two days that are compared; None while only one of them is chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Compare with",
            [*PERIODS, OWN],
            default="7 days",
            required=True,
            key="changes-period",
            label_visibility="collapsed",
        )
        if chosen != OWN:
            return last - timedelta(days=PERIODS[chosen]), last
        first = min(created, last - timedelta(days=1))
        given = st.date_input(
            "First and last day",
            (max(first, last - timedelta(days=14)), last),
            min_value=first,
            max_value=last,
            format="YYYY-MM-DD",
            key="changes-days",
            label_visibility="collapsed",
            width=260,
        )
    return (given[0], given[1]) if isinstance(given, tuple) and len(given) == 2 else None


def _without_score(changes: ScoreChanges) -> str:
    days = [
        as_text.day(day)
        for day, score in ((changes.start, changes.score_from), (changes.end, changes.score_to))
        if score is None
    ]
    return f"There is no overall score on {' and '.join(days)}, so nothing to compare."


def _moment(day: date, score: float | None) -> str:
    return f"{as_text.score(score)} on {as_text.day(day)}"
