"""Churn against scores: by tenths of the observations, and predicted against what came true."""

from collections.abc import Sequence
from functools import lru_cache

import altair as alt

from services.validation.views import Decile, ReliabilityPoint
from ui import format as as_text
from ui.charts.style import ACCENT, INK, Spec, colour, finish, themed

HEIGHT = 280


def by_score(deciles: Sequence[Decile], base_rate: float) -> Spec:
    """Churn rates from the lowest scores to the highest, with Wilson's intervals."""
    rows = [_row(one) for one in deciles]
    return {**_by_score(), "datasets": {"deciles": rows, "base": [{"rate": base_rate}]}}


def describe_by_score(deciles: Sequence[Decile]) -> str:
    """The chart in one sentence, for those who can't see it."""
    lowest, highest = deciles[0], deciles[-1]
    return (
        f"Of the observations with the lowest scores {as_text.percent(lowest.rate)} left, of those "
        f"with the highest {as_text.percent(highest.rate)}"
    )


def reliability(points: Sequence[ReliabilityPoint]) -> Spec:
    """Predicted probabilities against the rates that came true, with Wilson's intervals."""
    rows = [
        {
            "predicted": one.predicted,
            "rate": one.rate,
            "low": one.low,
            "high": one.high,
            "said": as_text.percent(one.predicted),
            "interval": _interval(one.low, one.high),
            "left": f"{one.left} of {one.rows}",
            "paint": ACCENT,
        }
        for one in points
    ]
    most = max(one.predicted for one in points)
    line = [{"predicted": at, "rate": at} for at in (0, most)]
    return {**_reliability(), "datasets": {"points": rows, "line": line}}


def describe_reliability(points: Sequence[ReliabilityPoint]) -> str:
    """The chart in one sentence, for those who can't see it."""
    parts = [
        f"{as_text.percent(p.predicted)} predicted, {as_text.percent(p.rate)} left" for p in points
    ]
    return "; ".join(parts)


def _row(one: Decile) -> dict[str, object]:
    low, high = as_text.score(one.score_from), as_text.score(one.score_to)
    return {
        "place": one.number,
        "scores": f"{low} to {high}",
        "rate": one.rate,
        "low": one.low,
        "high": one.high,
        "interval": _interval(one.low, one.high),
        "left": f"{one.left} of {one.rows}",
        "paint": INK,
    }


def _interval(low: float, high: float) -> str:
    return f"{as_text.percent(low)} to {as_text.percent(high)}"


_TOOLTIP = (
    alt.Tooltip("rate:Q", title="Left", format=".1%"),
    alt.Tooltip("interval:N", title="95% interval"),
    alt.Tooltip("left:N", title="Observations"),
)


def _share(field: str, title: str) -> alt.Y:
    axis = alt.Axis(format="%", tickCount=5, ticks=False, domain=False)
    return alt.Y(field, title=title, axis=axis, scale=alt.Scale(zero=True))


@lru_cache(maxsize=1)
def _by_score() -> Spec:
    x = alt.X(
        "place:O",
        title="Observations by score, the lowest tenth first",
        axis=alt.Axis(labelAngle=0, ticks=False, domain=False),
    )
    deciles = alt.Chart(alt.NamedData("deciles")).encode(x=x)
    tooltip = [alt.Tooltip("scores:N", title="Scores"), *_TOOLTIP]
    bars = deciles.mark_bar(opacity=0.35).encode(
        y=_share("rate:Q", "Left within the horizon"), color=colour("paint"), tooltip=tooltip
    )
    whiskers = deciles.mark_rule(strokeWidth=2, color=themed(INK)).encode(
        y=_share("low:Q", "Left within the horizon"), y2="high:Q", tooltip=tooltip
    )
    base = alt.Chart(alt.NamedData("base")).encode(y="rate:Q")
    rule = base.mark_rule(strokeDash=[4, 4], opacity=0.7, color=themed(ACCENT))
    return finish(bars, whiskers, rule, height=HEIGHT)


@lru_cache(maxsize=1)
def _reliability() -> Spec:
    x = alt.X(
        "predicted:Q",
        title="Predicted",
        axis=alt.Axis(format="%", tickCount=5, grid=False, ticks=False, domain=False),
        scale=alt.Scale(zero=True),
    )
    line = (
        alt.Chart(alt.NamedData("line"))
        .mark_line(strokeDash=[4, 4], strokeWidth=1.5, opacity=0.6, color=themed(INK))
        .encode(x=x, y=_share("rate:Q", "Left"))
    )
    points = alt.Chart(alt.NamedData("points")).encode(x=x)
    tooltip = [alt.Tooltip("said:N", title="Predicted"), *_TOOLTIP]
    whiskers = points.mark_rule(strokeWidth=3, opacity=0.55).encode(
        y=_share("low:Q", "Left"), y2="high:Q", color=colour("paint")
    )
    dots = points.mark_point(filled=True, size=110, opacity=1).encode(
        y=_share("rate:Q", "Left"), color=colour("paint"), tooltip=tooltip
    )
    return finish(line, whiskers, dots, height=HEIGHT)
