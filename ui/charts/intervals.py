"""Figures with their intervals, one under the other: a point, its line, and where chance lies."""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, floor
from typing import NamedTuple

import altair as alt

from ui.charts.style import ACCENT, INK, Spec, colour, finish, themed

ROW = 44


class Line(NamedTuple):
    """One figure."""

    label: str
    value: float
    low: float | None
    high: float | None
    text: str
    """As it is written beside the point."""
    interval: str
    more: str
    """What else the tooltip tells."""
    accent: bool = False


class Scale(NamedTuple):
    """What the figures are measured on."""

    title: str
    reference: float
    reference_text: str
    format: str
    most: float | None = None
    more: str = "More"


def intervals(lines: Sequence[Line], scale: Scale) -> Spec:
    """The chart of at least one figure, in the given order."""
    edges = [
        edge for line in lines for edge in (line.low, line.high, line.value) if edge is not None
    ]
    low = floor(20 * min(*edges, scale.reference) - 0.2) / 20
    high = ceil(20 * max(*edges, scale.reference) + 0.2) / 20
    high = high if scale.most is None else min(high, scale.most)
    rows = [
        {
            "label": line.label,
            "place": place,
            "value": line.value,
            "low": line.value if line.low is None else line.low,
            "high": line.value if line.high is None else line.high,
            "text": line.text,
            "interval": line.interval or "can't be told",
            "more": line.more,
            "paint": ACCENT if line.accent else INK,
        }
        for place, line in enumerate(lines)
    ]
    spec = _template(scale, low, high, len(lines))
    return {**spec, "datasets": {"figures": rows, "reference": [_reference(scale)]}}


def describe(lines: Sequence[Line], scale: Scale) -> str:
    """The chart in one sentence, for those who can't see it."""
    parts = [f"{line.label} {line.text} ({line.interval or 'no interval'})" for line in lines]
    return f"{scale.title}: {'; '.join(parts)}; {scale.reference_text} is {scale.reference:g}"


def _reference(scale: Scale) -> dict[str, object]:
    return {"at": scale.reference, "text": scale.reference_text}


def _x(field: str, scale: Scale, low: float, high: float) -> alt.X:
    return alt.X(
        field,
        title=scale.title,
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(format=scale.format, tickCount=5, grid=False, ticks=False, domain=False),
    )


@lru_cache(maxsize=32)
def _template(scale: Scale, low: float, high: float, lines: int) -> Spec:
    y = alt.Y(
        "label:N",
        sort=alt.SortField("place"),
        title=None,
        axis=alt.Axis(labelLimit=150, ticks=False, domain=False, labelPadding=10),
    )
    x = _x("value:Q", scale, low, high)
    figures = alt.Chart(alt.NamedData("figures")).encode(y=y)
    reference = alt.Chart(alt.NamedData("reference")).encode(x="at:Q")
    tooltip = [
        alt.Tooltip("label:N", title="Ranked by"),
        alt.Tooltip("text:N", title=scale.title),
        alt.Tooltip("interval:N", title="95% interval"),
        alt.Tooltip("more:N", title=scale.more),
    ]
    chance = reference.mark_rule(strokeDash=[4, 4], opacity=0.6, color=themed(INK))
    named = reference.mark_text(
        align="left", baseline="bottom", dx=5, y="height", fontSize=11, color=themed(INK)
    ).encode(text="text:N")
    spans = figures.mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=_x("low:Q", scale, low, high), x2="high:Q", color=colour("paint")
    )
    points = figures.mark_point(filled=True, size=110, opacity=1).encode(
        x=x, color=colour("paint"), tooltip=tooltip
    )
    texts = figures.mark_text(dy=-12, fontWeight=600, fontSize=12, color=themed(INK)).encode(
        x=x, text="text:N"
    )
    return finish(chance, named, spans, points, texts, height=ROW * lines + 50)
