"""How early: the share of those who left that had not been healthy for at least so long."""

from functools import lru_cache

import altair as alt

from services.validation.views import Warnings
from ui import format as as_text
from ui.charts.style import ACCENT, INK, Spec, colour, finish, themed

HEIGHT = 240


def warning(found: Warnings) -> Spec:
    """The chart, from long before on the left to the day before leaving on the right."""
    rows = [
        {
            "days": -point.days,
            "share": point.share,
            "said": f"at least {as_text.plural(point.days, 'day')}",
            "paint": ACCENT,
        }
        for point in found.points
    ]
    return {**_template(found.days_looked_at), "datasets": {"points": rows}}


def describe(found: Warnings) -> str:
    """The chart in one sentence, for those who can't see it."""
    parts = [f"{as_text.percent(p.share)} at least {p.days} days before" for p in found.points]
    return f"Had left healthy: {', '.join(parts)}"


@lru_cache(maxsize=2)
def _template(longest: int) -> Spec:
    points = alt.Chart(alt.NamedData("points")).encode(
        x=alt.X(
            "days:Q",
            title="Days before leaving",
            scale=alt.Scale(domain=[-longest, 0], nice=False),
            axis=alt.Axis(
                values=[-180, -150, -120, -90, -60, -30, 0],
                labelExpr="-datum.value",
                grid=False,
                ticks=False,
                domain=False,
            ),
        ),
        y=alt.Y(
            "share:Q",
            title="Share of those who left",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format="%", tickCount=5, ticks=False, domain=False),
        ),
    )
    line = points.mark_line(strokeWidth=2).encode(color=colour("paint"))
    dots = points.mark_point(filled=True, size=60, opacity=1).encode(
        color=colour("paint"),
        tooltip=[
            alt.Tooltip("said:N", title="Not healthy for"),
            alt.Tooltip("share:Q", title="Of those who left", format=".0%"),
        ],
    )
    half = (
        alt.Chart(alt.NamedData("points"))
        .mark_rule(strokeDash=[4, 4], opacity=0.5, color=themed(INK))
        .encode(y=alt.datum(0.5))
    )
    return finish(half, line, dots, height=HEIGHT)
