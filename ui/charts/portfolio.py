"""How many customers are in trouble, day by day: at risk and critical, named at the line's end."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import altair as alt

from services.views import PortfolioDay, Status
from ui import format as as_text
from ui import status as statuses
from ui.charts.style import INK, Rows, Spec, colour, finish, themed

HEIGHT = 250
_TROUBLE: tuple[Status, ...] = ("at_risk", "critical")


def portfolio(days: Sequence[PortfolioDay]) -> Spec:
    """The chart of at least one day, oldest first."""
    return {
        **_template(),
        "datasets": {
            "days": [row for day in days for row in _rows(day)],
            "last": _rows(days[-1]),
        },
    }


def describe(days: Sequence[PortfolioDay]) -> str:
    """The chart in one sentence, for those who can't see it."""
    first, last = days[0], days[-1]
    parts = [
        f"{statuses.word(status).lower()} from {getattr(first.by_status, status)} "
        f"to {getattr(last.by_status, status)}"
        for status in _TROUBLE
    ]
    start, end = as_text.day(first.day), as_text.day(last.day)
    return f"Customers {' and '.join(parts)} between {start} and {end}"


def _rows(day: PortfolioDay) -> Rows:
    return [
        {
            "day": _at(day.day),
            "date": as_text.day(day.day),
            "status": statuses.word(status),
            "customers": getattr(day.by_status, status),
            "label": f"{statuses.word(status)} {as_text.count(getattr(day.by_status, status))}",
            "money": as_text.money(day.arr_at_risk),
        }
        for status in _TROUBLE
    ]


def _at(day: date) -> str:
    """Midnight as text: Vega reads it as UTC with the scale's type."""
    return f"{day}T00:00:00Z"


@lru_cache(maxsize=1)
def _template() -> Spec:
    x = alt.X(
        "day:T",
        scale=alt.Scale(type="utc", nice=False),
        title=None,
        axis=alt.Axis(
            format="%-d %b", tickCount=5, grid=False, ticks=False, domain=False, labelPadding=8
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
    hover = days.mark_point(size=160, opacity=0).encode(
        tooltip=[
            alt.Tooltip("date:N", title="Day"),
            alt.Tooltip("status:N", title="Status"),
            alt.Tooltip("customers:Q", title="Customers", format=","),
            alt.Tooltip("money:N", title="ARR at risk"),
        ]
    )
    return finish(lines, ends, names, hover, height=HEIGHT)
