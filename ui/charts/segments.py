"""Each segment's customers by status, as shares of a whole: segments differ in size."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlencode

import altair as alt

from services.views import STATUSES, SegmentStats
from ui import format as as_text
from ui import status as statuses
from ui.charts.style import INK, Rows, Spec, colour, finish, themed

_ROW = 52
_AXIS_AND_LEGEND = 76


def segments(by_segment: Mapping[str, SegmentStats]) -> Spec:
    """The chart, biggest segment first; a part of a bar leads to the customers in it."""
    rows = _rows(by_segment)
    return {**_template(len(by_segment)), "datasets": {"parts": rows}}


def describe(by_segment: Mapping[str, SegmentStats]) -> str:
    """The chart in one sentence, for those who can't see it."""
    parts = [
        f"{as_text.segment(name)}: {as_text.percent(_share(stats, 'healthy'))} healthy"
        for name, stats in _ordered(by_segment)
    ]
    return f"Status by segment. {'; '.join(parts)}"


def _ordered(by_segment: Mapping[str, SegmentStats]) -> list[tuple[str, SegmentStats]]:
    return sorted(by_segment.items(), key=lambda item: (-item[1].customers, item[0]))


def _share(stats: SegmentStats, status: str) -> float:
    number: int = getattr(stats.by_status, status)
    return number / stats.customers if stats.customers else 0.0


def _rows(by_segment: Mapping[str, SegmentStats]) -> Rows:
    rows: list[dict[str, object]] = []
    for name, stats in _ordered(by_segment):
        start, label = 0.0, as_text.segment(name)
        for status in STATUSES:
            number, word = getattr(stats.by_status, status), statuses.word(status)
            share = _share(stats, status)
            rows.append(
                {
                    "segment": f"{label} ({as_text.count(stats.customers)})",
                    "status": word,
                    "start": start,
                    "end": start + share,
                    "customers": number,
                    "share": as_text.percent(share),
                    "href": "customers?" + urlencode({"segment": label, "status": word}),
                }
            )
            start += share
    return rows


@lru_cache(maxsize=16)
def _template(number: int) -> Spec:
    words = list(statuses.WORDS)
    legend = alt.Legend(
        orient="top",
        columns=2,
        title=None,
        values=words,
        symbolType="square",
        labelFontSize=12,
        labelColor=themed(INK),
    )
    bars = (
        alt.Chart(alt.NamedData("parts"))
        .mark_bar(size=24, cursor="pointer")
        .encode(
            y=alt.Y(
                "segment:N",
                sort=None,
                title=None,
                axis=alt.Axis(ticks=False, domain=False, labelLimit=140, labelPadding=8),
            ),
            x=alt.X(
                "start:Q",
                title=None,
                scale=alt.Scale(domain=[0, 1], nice=False),
                axis=alt.Axis(
                    format="%", values=[0, 0.5, 1], ticks=False, domain=False, grid=False
                ),
            ),
            x2="end:Q",
            color=colour("status", legend=legend),
            href="href:N",
            tooltip=[
                alt.Tooltip("segment:N", title="Segment"),
                alt.Tooltip("status:N", title="Status"),
                alt.Tooltip("customers:Q", title="Customers", format=","),
                alt.Tooltip("share:N", title="Share"),
            ],
        )
    )
    return finish(bars, height=number * _ROW + _AXIS_AND_LEGEND)
