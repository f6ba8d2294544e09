"""Days on which something changed that a line can't tell: a dashed rule with a word."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import altair as alt

from ui import format as as_text
from ui.charts.style import INK, Rows, themed

_LINES = 3
"""Words of neighbours stand above each other, so that they don't cover one another."""
_LATE = 0.75
"""Share of the time axis after which a word stands on the left of its rule."""


class Mark(NamedTuple):
    """What changed, from which day on."""

    day: date
    word: str
    """Short, for the chart: "standard 2"."""
    what: str
    """For whoever points at it: "Scoring model"."""


def changed(days: Iterable[tuple[date, str, str]]) -> list[Mark]:
    """The days whose value is another one than that of the day before.

    Args:
        days: each day in order, what is told of it, and its value as a word.
    """
    marks: list[Mark] = []
    before: dict[str, str] = {}
    for day, what, word in days:
        if before.get(what, word) != word:
            marks.append(Mark(day, word, what))
        before[what] = word
    return marks


def rows(marks: Sequence[Mark], first: date, last: date) -> Rows:
    """The marks within these days, as rows of the dataset "marks"."""
    length = max(1, (last - first).days)
    shown = [mark for mark in marks if first < mark.day <= last]
    return [
        {
            "day": f"{mark.day}T00:00:00Z",
            "word": mark.word,
            "what": mark.what,
            "date": as_text.day(mark.day),
            "line": -12 * (number % _LINES),
            "late": (mark.day - first).days / length > _LATE,
        }
        for number, mark in enumerate(shown)
    ]


def layers(x: alt.X) -> list[alt.Chart]:
    """The rules, and their words above the chart, where no line runs through them."""
    base = alt.Chart(alt.NamedData("marks")).encode(
        x=x,
        tooltip=[
            alt.Tooltip("date:N", title="From"),
            alt.Tooltip("what:N", title="Changed"),
            alt.Tooltip("word:N", title="To"),
        ],
    )
    rule = base.mark_rule(color=themed(INK), strokeDash=[3, 3], opacity=0.7)
    word = base.mark_text(
        color=themed(INK),
        fontSize=11,
        align=alt.ExprRef("datum.late ? 'right' : 'left'"),
        dx=alt.ExprRef("datum.late ? -4 : 4"),
        dy=alt.ExprRef("datum.line"),
        baseline="bottom",
    ).encode(y=alt.value(-2), text="word:N")
    return [rule, word]


def describe(marks: Sequence[Mark]) -> str:
    """The marks as the end of a sentence."""
    return "".join(
        f"; {mark.what.lower()} {mark.word} from {as_text.day(mark.day)}" for mark in marks
    )
