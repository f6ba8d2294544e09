"""How many customers are in trouble, day by day: at risk and critical, named at the line's end."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import altair as alt

from services.views import PortfolioDay, Status
from ui import format as as_text
from ui import status as statuses
from ui.charts.marks import Mark
from ui.charts.marks import describe as describe_marks
from ui.charts.marks import layers as mark_layers
from ui.charts.marks import rows as mark_rows
from ui.charts.style import INK, Rows, Spec, colour, finish, themed

HEIGHT = 250
_MONTHS_FROM = 180
"""Days from which the axis names months and years."""
_TROUBLE: tuple[Status, ...] = ("at_risk", "critical")


def portfolio(days: Sequence[PortfolioDay], marks: Sequence[Mark] = ()) -> Spec:
    """The chart of at least one day, oldest first."""
    first, last = days[0].day, days[-1].day
    length = (last - first).days or 1
    return {
        **_template(length > _MONTHS_FROM, max(2, round(900 / length))),
        "datasets": {
            "days": [row for day in days for row in _rows(day)],
            "last": _rows(days[-1]),
            "each": [_told(day) for day in days],
            "marks": mark_rows(marks, first, last),
        },
    }


def describe(days: Sequence[PortfolioDay], marks: Sequence[Mark] = ()) -> str:
    """The chart in one sentence, for those who can't see it."""
    first, last = days[0], days[-1]
    parts = [
        f"{statuses.word(status).lower()} from {getattr(first.by_status, status)} "
        f"to {getattr(last.by_status, status)}"
        for status in _TROUBLE
    ]
    start, end = as_text.day(first.day), as_text.day(last.day)
    return f"Customers {' and '.join(parts)} between {start} and {end}{describe_marks(marks)}"


def _rows(day: PortfolioDay) -> Rows:
    return [
        {
            "day": _at(day.day),
            "status": statuses.word(status),
            "customers": getattr(day.by_status, status),
            "label": f"{statuses.word(status)} {as_text.count(getattr(day.by_status, status))}",
        }
        for status in _TROUBLE
    ]


def _told(day: PortfolioDay) -> dict[str, object]:
    """A day for whoever points at it."""
    return {
        "day": _at(day.day),
        "date": as_text.day(day.day),
        **{name: as_text.count(getattr(day.by_status, name)) for name in _TROUBLE},
        "customers": as_text.count(day.customers),
        "average": as_text.score(day.average_score),
        "money": as_text.money(day.arr_at_risk),
    }


def _at(day: date) -> str:
    """Midnight as text: Vega reads it as UTC with the scale's type."""
    return f"{day}T00:00:00Z"


@lru_cache(maxsize=16)
def _template(months: bool, width: int) -> Spec:
    x = alt.X(
        "day:T",
        scale=alt.Scale(type="utc", nice=False),
        title=None,
        axis=alt.Axis(
            format="%b %Y" if months else "%-d %b",
            tickCount=5,
            grid=False,
            ticks=False,
            domain=False,
            labelPadding=8,
        ),
    )
    y = alt.Y(
        "customers:Q",
        title="Customers",
        scale=alt.Scale(zero=True),
        axis=alt.Axis(tickCount=4, tickMinStep=1, format=",d", ticks=False, domain=False),
    )
    days = alt.Chart(alt.NamedData("days")).encode(x=x, y=y, color=colour("status"))
    lines = days.mark_line(interpolate="step-after", strokeWidth=2)
    last = alt.Chart(alt.NamedData("last")).encode(x=x, y=y)
    ends = last.mark_point(filled=True, size=60, opacity=1).encode(color=colour("status"))
    names = last.mark_text(
        align="left", dx=8, color=themed(INK), fontWeight=600, fontSize=12
    ).encode(text="label:N")
    titles = {"date": "Day", "at_risk": "At risk", "critical": "Critical"}
    titles |= {"customers": "Customers", "average": "Average score", "money": "ARR at risk"}
    hover = (
        alt.Chart(alt.NamedData("each"))
        .mark_rule(strokeWidth=width, opacity=0)
        .encode(x=x, tooltip=[alt.Tooltip(f"{name}:N", title=titles[name]) for name in titles])
    )
    rules, words = mark_layers(x)
    return finish(rules, lines, ends, names, hover, words, height=HEIGHT)
