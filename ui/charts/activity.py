"""Activity as bars, one for each whole week."""

from collections.abc import Sequence
from functools import lru_cache

import altair as alt

from services.views import WeekActivity
from ui import format as as_text
from ui.charts.style import ACCENT, Rows, Spec, colour, finish

FIELDS = {"logins": "Logins", "api_calls": "API calls", "feature_uses": "Feature uses"}
"""The fields of a week that get a chart, and their titles."""


def weekly(weeks: Sequence[WeekActivity], field: str) -> Spec:
    """The chart of one field of the weeks, oldest first."""
    return {**_template(FIELDS[field]), "datasets": {"weeks": _rows(weeks, field)}}


def describe(weeks: Sequence[WeekActivity], field: str) -> str:
    """The chart in one sentence, for those who can't see it."""
    counts = [getattr(week, field) for week in weeks]
    if not counts:
        return f"{FIELDS[field]}: no whole week yet"
    return (
        f"{FIELDS[field]} per week: {counts[-1]:,} in the last whole week, "
        f"{sum(counts):,} in {len(counts)} weeks"
    )


def _rows(weeks: Sequence[WeekActivity], field: str) -> Rows:
    return [
        {
            "week": f"{week.week.day} {week.week:%b}",
            "count": getattr(week, field),
            "from": as_text.day(week.week),
            "errors": week.api_errors,
            "paint": ACCENT,
        }
        for week in weeks
    ]


@lru_cache(maxsize=8)
def _template(title: str) -> Spec:
    tooltip = [
        alt.Tooltip("from:N", title="Week of"),
        alt.Tooltip("count:Q", title=title, format=",d"),
    ]
    if title == FIELDS["api_calls"]:
        tooltip.append(alt.Tooltip("errors:Q", title="of these errors", format=",d"))
    chart = (
        alt.Chart(alt.NamedData("weeks"))
        .mark_bar()
        .encode(
            x=alt.X(
                "week:O",
                sort=None,
                title=None,
                scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1),
                axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False, domain=False),
            ),
            y=alt.Y(
                "count:Q",
                title="per week",
                axis=alt.Axis(tickCount=4, tickMinStep=1, format=",d", ticks=False, domain=False),
            ),
            color=colour("paint"),
            tooltip=tooltip,
        )
    )
    return finish(chart, height=190)
