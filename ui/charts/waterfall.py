"""What pulls the score down: from 100 to the score, one step a factor, biggest loss first."""

from collections.abc import Iterable
from functools import lru_cache

import altair as alt

from services.views import CustomerHealth, FactorScore
from ui import format as as_text
from ui.charts.bands import Bands
from ui.charts.style import ACCENT, INK, Rows, Spec, colour, finish, themed

TOTAL = "Score"
_SCORES = alt.Scale(domain=[0, 100], nice=False, range=[0, alt.ExprRef("width - 38")])
"""The score's text stands right of its bar, also when the score is 100."""
_ROW = 38
_ROOM = 16
"""Points of the scale that a step's text needs beside its bar."""


def by_loss(factors: Iterable[FactorScore]) -> list[FactorScore]:
    """Biggest loss first; factors without data last."""
    return sorted(factors, key=lambda factor: (factor.score is None, -factor.loss))


def waterfall(health: CustomerHealth, bands: Bands) -> Spec:
    """The chart of a customer that has an overall score.

    Raises:
        ValueError: without an overall score there is nothing to fall to.
    """
    if health.overall_score is None:
        raise ValueError("a customer without an overall score has no waterfall")
    rows = steps(health, bands)
    return {
        **_template(len(rows)),
        "datasets": {"bands": bands.rows(), "steps": rows},
    }


def describe(health: CustomerHealth) -> str:
    """The chart in one sentence, for those who can't see it."""
    parts = [
        f"{factor.label} no data"
        if factor.score is None
        else f"{factor.label} {as_text.signed(-factor.loss)}"
        for factor in by_loss(health.factor_scores)
    ]
    return f"From 100 down to {as_text.score(health.overall_score)}: {', '.join(parts)}"


def steps(health: CustomerHealth, bands: Bands) -> Rows:
    """One row for each factor, then the score itself: label, start, end, text, colour, tooltip."""
    level, rows = 100.0, []
    for factor in by_loss(health.factor_scores):
        points = factor.loss
        rows.append(_step(factor, level, level - points))
        level -= points
    total = health.overall_score or 0.0
    rows.append(
        {
            "label": TOTAL,
            "start": 0.0,
            "end": total,
            "text": as_text.score(total),
            "paint": bands.word(total),
            "place": total,
            "side": "right",
            "points": f"{as_text.score(total)} of 100",
            "detail": bands.word(total),
        }
    )
    return rows


def _step(factor: FactorScore, start: float, end: float) -> dict[str, object]:
    side = "left" if end >= _ROOM else "right"
    missing = factor.score is None
    neutral = " (neutral)" if factor.neutral else ""
    return {
        "label": factor.label + neutral,
        "start": start,
        "end": end,
        "text": "no data" if missing else as_text.signed(end - start),
        "paint": ACCENT,
        "place": end if side == "left" else start,
        "side": side,
        "points": "no data, left out" if missing else f"{as_text.signed(end - start)} points",
        "detail": factor.summary,
    }


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
