"""Score over time: one line on the bands, named on the axis, with its last value at the end."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import altair as alt

from ui import format as as_text
from ui.charts.bands import Bands
from ui.charts.style import ACCENT, INK, Spec, colour, finish, themed

_SCORES = alt.Scale(domain=[0, 100], nice=False)
_END_ROOM = 0.09
"""Share of the time axis that the last value's text needs."""


class TrendPoint(NamedTuple):
    """A day's score; None where the day has none, which breaks the line."""

    day: date
    score: float | None
    status: str
    """The status as a word."""


def trend(points: Sequence[TrendPoint], bands: Bands) -> Spec:
    """The chart of at least one day with a score, oldest first."""
    scored = [point for point in points if point.score is not None]
    first, last = points[0].day, points[-1].day
    room = max(1, round(((last - first).days or 1) * _END_ROOM))
    end = last + timedelta(days=room)
    return {
        **_template(bands),
        "datasets": {
            "bands": [{**row, "from": _utc(first), "to": _utc(end)} for row in bands.rows()],
            "days": [_row(point) for point in points],
            "last": [_row(scored[-1])],
        },
    }


def describe(points: Sequence[TrendPoint]) -> str:
    """The chart in one sentence, for those who can't see it."""
    scored = [point for point in points if point.score is not None]
    first, last = scored[0], scored[-1]
    return (
        f"Score from {as_text.score(first.score)} on {as_text.day(first.day)} "
        f"to {as_text.score(last.score)} on {as_text.day(last.day)}: {last.status}"
    )


def _row(point: TrendPoint) -> dict[str, object]:
    return {
        "day": _utc(point.day),
        "score": point.score,
        "text": "no score" if point.score is None else as_text.score(point.score),
        "status": point.status,
        "date": as_text.day(point.day),
    }


def _utc(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


@lru_cache(maxsize=16)
def _template(bands: Bands) -> Spec:
    middles = {(row["start"] + row["end"]) / 2: row["band"] for row in bands.rows()}  # type: ignore[operator]
    names = " : ".join(f"datum.value === {middle} ? '{name}'" for middle, name in middles.items())
    days = alt.Axis(
        format="%-d %b", tickCount=4, grid=False, ticks=False, domain=False, labelPadding=8
    )
    x = alt.X("day:T", scale=alt.Scale(type="utc", nice=False), title=None, axis=days)
    y = alt.Y(
        "score:Q",
        scale=_SCORES,
        title=None,
        axis=alt.Axis(
            values=list(middles), labelExpr=f"{names} : ''", grid=False, ticks=False, domain=False
        ),
    )
    background = (
        alt.Chart(alt.NamedData("bands"))
        .mark_rect(opacity=0.1)
        .encode(
            x=alt.X("from:T", scale=alt.Scale(type="utc", nice=False), title=None, axis=days),
            x2="to:T",
            y=alt.Y("start:Q", scale=_SCORES, title=None),
            y2="end:Q",
            color=colour("band"),
        )
    )
    line = (
        alt.Chart(alt.NamedData("days"))
        .mark_line(color=themed(ACCENT), strokeWidth=2)
        .encode(x=x, y=y)
    )
    last = alt.Chart(alt.NamedData("last")).encode(x=x, y=y)
    end = last.mark_point(filled=True, size=60, opacity=1, fill=themed(ACCENT))
    value = last.mark_text(
        align="left", dx=8, color=themed(INK), fontWeight=600, fontSize=13
    ).encode(text="text:N")
    hover = (
        alt.Chart(alt.NamedData("days"))
        .mark_rule(strokeWidth=10, opacity=0)
        .encode(
            x=x,
            tooltip=[
                alt.Tooltip("date:N", title="Day"),
                alt.Tooltip("text:N", title="Score"),
                alt.Tooltip("status:N", title="Status"),
            ],
        )
    )
    return finish(background, line, end, value, hover, height=225)
