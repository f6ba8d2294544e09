"""The distribution of scores by two scoring models: bars as it is now, a line as it would be."""

from functools import lru_cache

import altair as alt

from services.model_views import ModelPreview
from ui.charts.style import ACCENT, INK, Spec, colour, finish

_STEP = 5


def outlooks(preview: ModelPreview) -> Spec:
    """The chart of one portfolio by the active model and by another."""
    rows = [
        {
            "start": _STEP * place,
            "end": _STEP * (place + 1),
            "before": before,
            "after": after,
            "range": f"{_STEP * place} to {_STEP * (place + 1)}",
            "paint": INK,
            "line": ACCENT,
        }
        for place, (before, after) in enumerate(
            zip(preview.before.bins, preview.after.bins, strict=True)
        )
    ]
    # A step is drawn to the next row's start: the last bin needs one more.
    end = {**rows[-1], "start": 100, "end": 100}
    return {**_template(), "datasets": {"bins": rows, "steps": [*rows, end]}}


def describe(preview: ModelPreview) -> str:
    """The chart in one sentence, for those who can't see it."""
    now, then = preview.before.by_status, preview.after.by_status
    return (
        f"Scores now and with the draft: healthy {now.healthy} and {then.healthy}, at risk "
        f"{now.at_risk} and {then.at_risk}, critical {now.critical} and {then.critical}"
    )


@lru_cache(maxsize=1)
def _template() -> Spec:
    axis = alt.Axis(values=[0, 25, 50, 75, 100], grid=False, ticks=False, domain=False)
    scores = alt.Scale(domain=[0, 100], nice=False)
    counts = alt.Axis(tickCount=4, tickMinStep=1, format=",d", ticks=False, domain=False)
    tooltip = [
        alt.Tooltip("range:N", title="Score"),
        alt.Tooltip("before:Q", title="Now", format=","),
        alt.Tooltip("after:Q", title="With the draft", format=","),
    ]
    bars = (
        alt.Chart(alt.NamedData("bins"))
        .mark_bar(binSpacing=2, opacity=0.3)
        .encode(
            x=alt.X(
                "start:Q",
                bin=alt.BinParams(binned=True, step=_STEP),
                scale=scores,
                title="Score",
                axis=axis,
            ),
            x2="end:Q",
            y=alt.Y("before:Q", title="Customers", axis=counts),
            color=colour("paint"),
            tooltip=tooltip,
        )
    )
    line = (
        alt.Chart(alt.NamedData("steps"))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("start:Q", scale=scores, title="Score", axis=axis),
            y="after:Q",
            color=colour("line"),
        )
    )
    return finish(bars, line, height=220)
