"""The customer's charts: what they draw, and that the theme paints them."""

import json
from datetime import date, timedelta
from itertools import pairwise

import pytest

from services.change_views import ChangePart, ScoreChanges
from services.views import WeekActivity
from tests.unit.ui.charts_data import WORKED_EXAMPLE, factor, health
from ui.charts import activity, bands, changes, trend, waterfall
from ui.charts.bands import Bands, band_bar
from ui.charts.marks import Mark, changed
from ui.charts.style import DOMAIN, Spec
from ui.charts.trend import TrendPoint

pytestmark = pytest.mark.unit

STANDARD = Bands(healthy=75, at_risk=50)
DAYS = [
    TrendPoint(date(2026, 8, 23) + timedelta(days=n), 60 - n / 10, "At risk") for n in range(90)
]
MARKS = [Mark(DAYS[9].day, "standard 2", "Scoring model"), Mark(DAYS[80].day, "SMB", "Segment")]
WEEKS = [
    WeekActivity(
        week=date(2026, 8, 17) + timedelta(weeks=n),
        logins=n,
        api_calls=100 * n,
        api_errors=n,
        feature_uses=2 * n,
    )
    for n in range(13)
]
CHANGES = ScoreChanges(
    customer_id=1,
    start=date(2026, 11, 13),
    end=date(2026, 11, 20),
    score_from=80.0,
    score_to=70.5,
    delta=-9.5,
    parts=[
        ChangePart(kind="model", factor_name=None, delta=2.0, summary="Scored anew: +2.0."),
        ChangePart(
            kind="factor",
            factor_name="login_frequency",
            delta=-11.5,
            summary="Logins fell from 22 to 6 in 30 days: −11.5.",
        ),
    ],
)
SPECS = {
    "changes": lambda: changes.changes_chart(CHANGES, STANDARD),
    "bands": lambda: band_bar(STANDARD, score=41.3, before=40.0),
    "waterfall": lambda: waterfall.waterfall(health(WORKED_EXAMPLE), STANDARD),
    "trend": lambda: trend.trend(DAYS, STANDARD, MARKS),
    "activity": lambda: activity.weekly(WEEKS, "api_calls"),
}


def _scales(part: object) -> list[dict[str, object]]:
    """The scale of every colour encoding, wherever it lies."""
    if isinstance(part, list):
        return [scale for item in part for scale in _scales(item)]
    if not isinstance(part, dict):
        return []
    own = [value["scale"] for name, value in part.items() if name == "color" and "scale" in value]
    return own + [scale for value in part.values() for scale in _scales(value)]


@pytest.mark.parametrize("name", SPECS)
def test_the_theme_paints_every_mark(name: str) -> None:
    spec = SPECS[name]()
    scales = _scales(spec.get("layer"))
    assert scales
    assert all(scale == {"domain": list(DOMAIN)} for scale in scales)
    assert "#" not in json.dumps(spec, default=str)
    assert "rgb" not in json.dumps(spec, default=str)


@pytest.mark.parametrize("name", SPECS)
def test_data_is_named_and_readable_text_is_ink(name: str) -> None:
    spec = SPECS[name]()
    used = {part["data"]["name"] for part in (spec, *spec["layer"]) if "data" in part}
    assert used == set(spec["datasets"])
    assert spec["config"]["axis"]["labelColor"] == {"expr": "scale('color', 'Ink')"}
    texts = [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == "text"]
    assert all(text["color"] == {"expr": "scale('color', 'Ink')"} for text in texts)


def test_a_spec_is_built_once_and_never_changed_by_its_rows() -> None:
    first = json.dumps(bands._template())
    band_bar(STANDARD, score=10.0)
    assert bands._template() is bands._template()
    assert json.dumps(bands._template()) == first


@pytest.mark.parametrize(
    ("score", "word"),
    [(0, "Critical"), (49.999, "Critical"), (50, "At risk"), (74.999, "At risk"), (75, "Healthy")],
)
def test_bands_are_half_open(score: float, word: str) -> None:
    assert STANDARD.word(score) == word
    rows = band_bar(STANDARD, score=score)["datasets"]["bands"]
    assert [row["band"] for row in rows if row["opacity"] == 1] == [word]


def test_bands_follow_the_model() -> None:
    rows = band_bar(Bands(healthy=80, at_risk=40), score=60)["datasets"]["bands"]
    assert [(row["start"], row["end"]) for row in rows] == [(0, 40), (40, 80), (80, 100)]


def test_markers_are_hollow_before_and_solid_after() -> None:
    markers = band_bar(STANDARD, score=60.7, before=59.7)["datasets"]["markers"]
    assert [(row["what"], row["score"], row["filled"]) for row in markers] == [
        ("Before", 59.7, 0.0),
        ("After", 60.7, 1.0),
    ]
    assert band_bar(STANDARD, score=None)["datasets"]["markers"] == []


def test_waterfall_goes_from_100_to_the_score_biggest_loss_first() -> None:
    rows = waterfall.steps(health(WORKED_EXAMPLE), STANDARD)
    assert [row["label"] for row in rows] == [
        "Api usage",
        "Login frequency",
        "Feature adoption",
        "Support tickets",
        "Payment timeliness",
        "Score",
    ]
    assert [row["text"] for row in rows] == ["−7.2", "−5.0", "−3.8", "−3.5", "−2.5", "78.1"]
    assert rows[0]["start"] == 100
    for above, below in pairwise(rows[:-1]):
        assert below["start"] == above["end"]
    assert rows[-2]["end"] == pytest.approx(78.05)
    assert rows[-1]["paint"] == "Healthy"


def test_a_factor_without_data_keeps_its_row_last_and_says_so() -> None:
    factors = [factor("api_usage", None, 0.3), factor("login_frequency", 40, 0.7)]
    rows = waterfall.steps(health(factors, overall_score=40.0), STANDARD)
    assert [row["label"] for row in rows] == ["Login frequency", "Api usage", "Score"]
    assert rows[1]["text"] == "no data"
    assert rows[1]["start"] == rows[1]["end"]


def test_the_text_of_a_step_near_zero_stands_right_of_its_bar() -> None:
    rows = waterfall.steps(health([factor("payment", 3.0, 1.0)]), STANDARD)
    assert rows[0]["side"] == "right"
    assert rows[0]["place"] == rows[0]["start"]


def test_neutral_is_labelled() -> None:
    rows = waterfall.steps(health([factor("payment", 50.0, 1.0, neutral=True)]), STANDARD)
    assert rows[0]["label"] == "Payment (neutral)"


def test_what_changed_goes_from_one_score_to_the_other() -> None:
    rows = changes.steps(CHANGES, STANDARD)
    assert [(row["label"], row["text"], row["paint"]) for row in rows] == [
        ("13 Nov 2026", "80.0", "Healthy"),
        ("Scoring model", "+2.0", "Accent"),
        ("Login frequency", "−11.5", "Accent"),
        ("20 Nov 2026", "70.5", "At risk"),
    ]
    assert [(row["start"], row["end"]) for row in rows[1:3]] == [(80, 82), (82, 70.5)]
    assert rows[1]["place"] == 80, "the text stands left of a bar that grows, too"
    assert rows[2]["detail"].startswith("Logins fell from 22 to 6")
    assert changes.describe(CHANGES) == (
        "From 80.0 on 13 Nov 2026 to 70.5 on 20 Nov 2026: Scoring model +2.0, Login frequency −11.5"
    )
    assert CHANGES.reason == CHANGES.parts[1], "the main reason points where the whole went"


def test_no_score_no_waterfall() -> None:
    with pytest.raises(ValueError, match="without an overall score"):
        waterfall.waterfall(health([], overall_score=None), STANDARD)


def test_trend_ends_with_its_last_value_and_leaves_room_for_it() -> None:
    data: Spec = trend.trend(DAYS, STANDARD)["datasets"]
    assert data["last"][0]["text"] == "51.1"
    assert data["last"][0]["date"] == "20 Nov 2026"
    assert data["bands"][0]["to"] > data["days"][-1]["day"]


def test_trend_breaks_where_a_day_has_no_score() -> None:
    points = [DAYS[0], DAYS[1]._replace(score=None), *DAYS[2:]]
    rows = trend.trend(points, STANDARD)["datasets"]["days"]
    assert rows[1]["score"] is None
    assert rows[1]["text"] == "no score"


def test_trend_names_the_bands_of_its_model() -> None:
    spec = trend.trend(DAYS, Bands(healthy=80, at_risk=40))
    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    axis = line["encoding"]["y"]["axis"]
    assert axis["values"] == [20, 60, 90]
    assert "datum.value === 60.0 ? 'At risk'" in axis["labelExpr"]


def test_weeks_are_bars_of_one_field() -> None:
    data = activity.weekly(WEEKS, "api_calls")["datasets"]["weeks"]
    assert [row["count"] for row in data] == [100 * n for n in range(13)]
    assert data[0]["week"] == "17 Aug"


def test_charts_say_in_words_what_they_show() -> None:
    assert waterfall.describe(health(WORKED_EXAMPLE)).startswith(
        "From 100 down to 78.1: Api usage −7.2, Login frequency −5.0"
    )
    assert trend.describe(DAYS) == (
        "Score from 60.0 on 23 Aug 2026 to 51.1 on 20 Nov 2026: At risk"
    )
    assert activity.describe(WEEKS, "logins") == (
        "Logins per week: 12 in the last whole week, 78 in 13 weeks"
    )
    assert activity.describe([], "logins") == "Logins: no whole week yet"


def test_marks_are_the_days_on_which_something_became_something_else() -> None:
    first = date(2026, 5, 1)
    told = [("model", "a 1"), ("segment", "SMB"), ("model", "a 1"), ("segment", "Startup")]
    told += [("model", "b 1"), ("segment", "Startup")]
    days = [(first + timedelta(days=n // 2), what, word) for n, (what, word) in enumerate(told)]
    assert changed(days) == [
        Mark(date(2026, 5, 2), "Startup", "segment"),
        Mark(date(2026, 5, 3), "b 1", "model"),
    ]


def test_marks_outside_the_days_are_left_out_and_late_words_stand_left() -> None:
    before = Mark(DAYS[0].day, "standard 1", "Scoring model")
    rows = trend.trend(DAYS, STANDARD, [before, *MARKS])["datasets"]["marks"]
    assert [(row["word"], row["late"]) for row in rows] == [("standard 2", False), ("SMB", True)]
    told = trend.describe(DAYS, MARKS)
    assert told.endswith("; scoring model standard 2 from 1 Sep 2026; segment SMB from 11 Nov 2026")


def test_pointing_at_a_day_tells_its_factors_or_that_there_are_none() -> None:
    points = [
        TrendPoint(date(2026, 5, 1), 60, "At risk", (("Login frequency", "50.0"),)),
        TrendPoint(date(2026, 5, 2), 70, "At risk", (("API trend", "40.0"),)),
    ]
    spec = trend.trend(points, STANDARD)
    hover = next(layer for layer in spec["layer"] if layer["mark"].get("strokeWidth", 0) > 100)
    titles = [told["title"] for told in hover["encoding"]["tooltip"]]
    assert titles == ["Day", "Score", "Status", "Login frequency", "API trend"]
    rows = spec["datasets"]["days"]
    assert [(row["d0"], row["d1"]) for row in rows] == [("50.0", "–"), ("–", "40.0")]
