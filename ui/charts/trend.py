"""Score over time: one line on the bands, named on the axis, with its last value at the end."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import altair as alt

from ui import format as as_text
from ui.charts.bands import Bands
from ui.charts.marks import Mark
from ui.charts.marks import describe as describe_marks
from ui.charts.marks import layers as mark_layers
from ui.charts.marks import rows as mark_rows
from ui.charts.style import ACCENT, INK, Spec, colour, finish, themed

_SCORES = alt.Scale(domain=[0, 100], nice=False)
_END_ROOM = 0.09
"""Share of the time axis that the last value's text needs."""
_MONTHS_FROM = 180
"""Days from which the axis names months and years."""


class TrendPoint(NamedTuple):
    """A day's score; None where the day has none, which breaks the line."""

    day: date
    score: float | None
    status: str
    """The status as a word."""
    details: tuple[tuple[str, str], ...] = ()
    """What else to say of the day to whoever points at it: title and text."""


def trend(points: Sequence[TrendPoint], bands: Bands, marks: Sequence[Mark] = ()) -> Spec:
    """The chart of at least one day with a score, oldest first."""
    scored = [point for point in points if point.score is not None]
    first, last = points[0].day, points[-1].day
    length = (last - first).days or 1
    end = last + timedelta(days=max(1, round(length * _END_ROOM)))
    titles = tuple(dict.fromkeys(title for point in points for title, _ in point.details))
    return {
        **_template(bands, titles, length > _MONTHS_FROM, max(2, round(900 / length))),
        "datasets": {
            "bands": [{**row, "from": _utc(first), "to": _utc(end)} for row in bands.rows()],
            "days": [_row(point, titles) for point in points],
            "last": [_row(scored[-1], titles)],
            "marks": mark_rows(marks, first, last),
        },
    }


def describe(points: Sequence[TrendPoint], marks: Sequence[Mark] = ()) -> str:
    """The chart in one sentence, for those who can't see it."""
    scored = [point for point in points if point.score is not None]
    first, last = scored[0], scored[-1]
    return (
        f"Score from {as_text.score(first.score)} on {as_text.day(first.day)} "
        f"to {as_text.score(last.score)} on {as_text.day(last.day)}: {last.status}"
        f"{describe_marks(marks)}"
    )


def _row(point: TrendPoint, titles: Sequence[str]) -> dict[str, object]:
    details = dict(point.details)
    return {
        "day": _utc(point.day),
        "score": point.score,
        "text": "no score" if point.score is None else as_text.score(point.score),
        "status": point.status,
        "date": as_text.day(point.day),
        **{f"d{n}": details.get(title, as_text.NONE) for n, title in enumerate(titles)},
    }


def _utc(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


@lru_cache(maxsize=64)
def _template(bands: Bands, titles: tuple[str, ...], months: bool, width: int) -> Spec:
    middles = {(row["start"] + row["end"]) / 2: row["band"] for row in bands.rows()}  # type: ignore[operator]
    names = " : ".join(f"datum.value === {middle} ? '{name}'" for middle, name in middles.items())
    days = alt.Axis(
        format="%b %Y" if months else "%-d %b",
        tickCount=4,
        grid=False,
        ticks=False,
        domain=False,
        labelPadding=8,
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
    told = {"date": "Day", "text": "Score", "status": "Status"}
    told |= {f"d{n}": title for n, title in enumerate(titles)}
    hover = (
        alt.Chart(alt.NamedData("days"))
        .mark_rule(strokeWidth=width, opacity=0)
        .encode(x=x, tooltip=[alt.Tooltip(f"{name}:N", title=told[name]) for name in told])
    )
    rules, words = mark_layers(x)
    return finish(background, rules, line, end, value, hover, words, height=225)
