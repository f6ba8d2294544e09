"""A waterfall on the scale of scores: bars that start where the one above ended."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypedDict

import altair as alt

from ui import format as as_text
from ui.charts.bands import Bands
from ui.charts.style import ACCENT, INK, Spec, colour, finish, themed

_SCORES = alt.Scale(domain=[0, 100], nice=False, range=[0, alt.ExprRef("width - 38")])
"""A score's text stands right of its bar, also when the score is 100."""
_ROW = 38
_ROOM = 16
"""Points of the scale that a step's text needs beside its bar."""


class Step(TypedDict):
    """A row of the chart: its bar, the text beside it, and what hovering tells."""

    label: str
    start: float
    end: float
    text: str
    paint: str
    place: float
    side: str
    points: str
    detail: str


def steps_chart(steps: Sequence[Step], bands: Bands) -> Spec:
    """The chart of these rows, from top to bottom."""
    return {
        **_template(len(steps)),
        "datasets": {"bands": bands.rows(), "steps": [dict(step) for step in steps]},
    }


def total(label: str, score: float, bands: Bands) -> Step:
    """A score from 0, in its status colour."""
    return Step(
        label=label,
        start=0.0,
        end=score,
        text=as_text.score(score),
        paint=bands.word(score),
        place=score,
        side="right",
        points=f"{as_text.score(score)} of 100",
        detail=bands.word(score),
    )


def move(label: str, start: float, end: float, *, detail: str, known: bool = True) -> Step:
    """Points from one level to the next; a row that is not `known` says that it has no data."""
    side = "left" if min(start, end) >= _ROOM else "right"
    points = as_text.signed(end - start)
    return Step(
        label=label,
        start=start,
        end=end,
        text=points if known else "no data",
        paint=ACCENT,
        place=min(start, end) if side == "left" else max(start, end),
        side=side,
        points=f"{points} points" if known else "no data, left out",
        detail=detail,
    )


@lru_cache(maxsize=16)
def _template(rows: int) -> Spec:
    order = alt.Y(
        "label:N",
        sort=None,
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=150),
    )
    scores = alt.X("start:Q", scale=_SCORES, title=None)
    background = (
        alt.Chart(alt.NamedData("bands"))
        .mark_rect(opacity=0.1)
        .encode(x=scores, x2="end:Q", color=colour("band"))
    )
    bars = (
        alt.Chart(alt.NamedData("steps"))
        .mark_bar(size=18)
        .encode(
            x=alt.X(
                "start:Q",
                scale=_SCORES,
                title=None,
                axis=alt.Axis(values=[0, 25, 50, 75, 100], grid=False, ticks=False, domain=False),
            ),
            x2="end:Q",
            y=order,
            color=colour("paint"),
            tooltip=[
                alt.Tooltip("label:N", title="Factor"),
                alt.Tooltip("points:N", title="Points"),
                alt.Tooltip("detail:N", title="Why"),
            ],
        )
    )
    texts = (
        alt.Chart(alt.NamedData("steps"))
        .mark_text(
            align=alt.ExprRef("datum.side === 'left' ? 'right' : 'left'"),
            dx=alt.ExprRef("datum.side === 'left' ? -6 : 6"),
            color=themed(INK),
            fontWeight=600,
            fontSize=13,
        )
        .encode(x=alt.X("place:Q", scale=_SCORES, title=None), y=order, text="text:N")
    )
    return finish(background, bars, texts, height=rows * _ROW + 40)
