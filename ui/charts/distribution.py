"""How many customers have which score: bars of five points, in the colour of their band."""

import math
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlencode

import altair as alt

from services.distribution import ScoreBin
from ui import status as statuses
from ui.charts.style import Rows, Spec, colour, finish

HEIGHT = 300


def distribution(bins: Sequence[ScoreBin]) -> Spec:
    """The chart; a bar leads to the customers in it."""
    return {**_template(), "datasets": {"bins": _rows(bins)}}


def describe(bins: Sequence[ScoreBin]) -> str:
    """The chart in one sentence, for those who can't see it."""
    counts = dict.fromkeys(("critical", "at_risk", "healthy"), 0)
    for part in bins:
        counts[part.status] += part.customers
    words = [f"{number} {statuses.word(status).lower()}" for status, number in counts.items()]  # type: ignore[arg-type]
    return f"Customers by score: {', '.join(words)}"


def _rows(bins: Sequence[ScoreBin]) -> Rows:
    return [
        {
            "start": part.start,
            "end": part.end,
            "customers": part.customers,
            "status": statuses.word(part.status),
            "range": f"{part.start:g} to {'' if part.closed else 'below '}{part.end:g}",
            "href": _address(part),
        }
        for part in bins
        if part.customers
    ]


def _address(part: ScoreBin) -> str:
    """Relative, so that it holds behind any prefix. Bins are half-open, the filter is not."""
    highest = part.end if part.closed else math.nextafter(part.end, 0)
    return "customers?" + urlencode({"min": part.start, "max": highest})


@lru_cache(maxsize=1)
def _template() -> Spec:
    bars = (
        alt.Chart(alt.NamedData("bins"))
        .mark_bar(binSpacing=2, cursor="pointer")
        .encode(
            x=alt.X(
                "start:Q",
                bin=alt.BinParams(binned=True, step=5),
                scale=alt.Scale(domain=[0, 100], nice=False),
                title="Score",
                axis=alt.Axis(values=[0, 25, 50, 75, 100], grid=False, ticks=False, domain=False),
            ),
            x2="end:Q",
            y=alt.Y(
                "customers:Q",
                title="Customers",
                axis=alt.Axis(tickCount=4, tickMinStep=1, format=",d", ticks=False, domain=False),
            ),
            color=colour("status"),
            href="href:N",
            tooltip=[
                alt.Tooltip("range:N", title="Score"),
                alt.Tooltip("customers:Q", title="Customers", format=","),
                alt.Tooltip("status:N", title="Status"),
            ],
        )
    )
    return finish(bars, height=HEIGHT)
