"""The three bands as one bar from 0 to 100, with a marker for each score on it."""

from functools import lru_cache
from typing import NamedTuple

import altair as alt

from services.views import Status
from ui import format as as_text
from ui import status as statuses
from ui.charts.style import INK, Rows, Spec, colour, finish, themed

SOFT = 0.28
"""The opacity of a band that holds no score."""

_SCORES = alt.Scale(domain=[0, 100], nice=False)
_BAR_Y, _MARK_Y, _TEXT_Y = 24, 11, 40


class Bands(NamedTuple):
    """Where the bands of a scoring model start, as scores of 0–100."""

    healthy: float
    at_risk: float

    def rows(self) -> list[dict[str, object]]:
        """The bands from the lowest to the highest: word, start and end."""
        return [
            {"band": statuses.word("critical"), "start": 0.0, "end": self.at_risk},
            {"band": statuses.word("at_risk"), "start": self.at_risk, "end": self.healthy},
            {"band": statuses.word("healthy"), "start": self.healthy, "end": 100.0},
        ]

    def status(self, score: float | None) -> Status:
        """The band that holds a score: half-open, on the unrounded score."""
        return statuses.status_of_score(score, healthy=self.healthy, at_risk=self.at_risk)

    def word(self, score: float | None) -> str:
        """What people call that band."""
        return statuses.word(self.status(score))


def band_bar(bands: Bands, *, score: float | None, before: float | None = None) -> Spec:
    """The bar with a solid marker on `score` and, when given, a hollow one on `before`."""
    own = bands.word(score)
    return {
        **_template(),
        "datasets": {
            "bands": [
                {**row, "opacity": 1.0 if row["band"] == own else SOFT} for row in bands.rows()
            ],
            "edges": [{"edge": edge} for edge in (0.0, bands.at_risk, bands.healthy, 100.0)],
            "markers": _markers(score, before),
        },
    }


def _markers(score: float | None, before: float | None) -> Rows:
    rows: list[dict[str, object]] = []
    if before is not None:
        rows.append(
            {"score": before, "filled": 0.0, "what": "Before", "text": as_text.score(before)}
        )
    if score is not None:
        what = "Score" if before is None else "After"
        rows.append({"score": score, "filled": 1.0, "what": what, "text": as_text.score(score)})
    return rows


@lru_cache(maxsize=1)
def _template() -> Spec:
    bar = (
        alt.Chart(alt.NamedData("bands"))
        .mark_bar(size=11)
        .encode(
            x=alt.X("start:Q", scale=_SCORES, axis=None),
            x2="end:Q",
            y=alt.value(_BAR_Y),
            color=colour("band"),
            opacity=alt.Opacity("opacity:Q", scale=None),
            tooltip=[
                alt.Tooltip("band:N", title="Band"),
                alt.Tooltip("start:Q", title="From"),
                alt.Tooltip("end:Q", title="Below"),
            ],
        )
    )
    edges = (
        alt.Chart(alt.NamedData("edges"))
        .mark_text(
            color=themed(INK),
            fontSize=12,
            align=alt.ExprRef(
                "datum.edge === 0 ? 'left' : datum.edge === 100 ? 'right' : 'center'"
            ),
        )
        .encode(
            x=alt.X("edge:Q", scale=_SCORES, axis=None),
            y=alt.value(_TEXT_Y),
            text=alt.Text("edge:Q", format="~g"),
        )
    )
    markers = (
        alt.Chart(alt.NamedData("markers"))
        .mark_point(
            shape="triangle-down",
            size=110,
            opacity=1,
            stroke=themed(INK),
            fill=themed(INK),
            strokeWidth=1.6,
        )
        .encode(
            x=alt.X("score:Q", scale=_SCORES, axis=None),
            y=alt.value(_MARK_Y),
            fillOpacity=alt.FillOpacity("filled:Q", scale=None),
            tooltip=[alt.Tooltip("what:N", title="Marker"), alt.Tooltip("text:N", title="Score")],
        )
    )
    return finish(bar, edges, markers, height=52)
