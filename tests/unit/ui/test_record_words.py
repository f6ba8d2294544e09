"""The entry form's fields, the event it makes, and what it says afterwards."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from services.events import EVENT_TYPES, EventIn
from tests.unit.ui.charts_data import WORKED_EXAMPLE, factor, health
from ui.event_words import field_words
from ui.record.effect_words import change, moved
from ui.record.fields import event, fields, problems

pytestmark = pytest.mark.unit


def _models() -> dict[str, Any]:
    return {
        get_args(model.model_fields["event_type"].annotation)[0]: model.model_fields[
            "event_data"
        ].annotation
        for model in get_args(get_args(EventIn)[0])
    }


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_form_asks_for_exactly_the_properties_of_the_type(event_type: str) -> None:
    model = _models()[event_type]
    assert {field.name for field in fields(event_type)} == set(model.model_fields)
    required = {name for name, part in model.model_fields.items() if part.is_required()}
    assert {field.name for field in fields(event_type) if field.required} == required


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_field_has_its_own_words(event_type: str) -> None:
    labels = [field_words(field.name).label for field in fields(event_type)]
    assert len(set(labels)) == len(labels)
    assert not any("_" in label for label in labels)


def test_kinds_of_field_follow_the_schema() -> None:
    kinds = {field.name: field for field in (*fields("payment"), *fields("support_ticket"))}
    assert kinds["amount"].kind == "number"
    assert kinds["due_date"].kind == "day"
    assert kinds["priority"].choices == ("low", "medium", "high", "urgent")
    assert kinds["satisfaction"].choices == (1, 2, 3, 4, 5)
    assert kinds["invoice_id"].kind == "text"
    assert kinds["invoice_id"].max_length == 255


def test_empty_fields_are_left_out() -> None:
    made = event(
        "support_ticket",
        {"ticket_id": " T-1 ", "subject": "  ", "priority": None, "satisfaction": 4},
        event_id="form-1",
        when=None,
    )
    assert made.event_data.stated() == {"ticket_id": "T-1", "satisfaction": 4}
    assert made.timestamp is None
    assert made.event_id == "form-1"


def test_when_is_utc_and_days_are_days() -> None:
    made = event(
        "payment",
        {"amount": 12.5, "due_date": date(2026, 11, 1)},
        event_id="form-2",
        when=datetime(2026, 11, 20, 9, 15),
    )
    assert made.timestamp == datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
    assert made.event_data.stated() == {"amount": Decimal("12.5"), "due_date": "2026-11-01"}


@pytest.mark.parametrize(
    ("event_type", "values", "expected"),
    [
        ("api_call", {"endpoint": " "}, ["Endpoint is required."]),
        ("payment", {}, ["Amount is required."]),
        (
            "api_call",
            {"endpoint": "/v1", "status_code": 99},
            ["Status code should be greater than or equal to 100."],
        ),
        (
            "payment",
            {"amount": 1, "currency": "dollar"},
            ["Currency should match pattern '^[A-Za-z]{3}$'."],
        ),
        (
            "login",
            {"session_seconds": 604_801},
            ["Session length in seconds should be less than or equal to 604800."],
        ),
    ],
)
def test_problems_are_readable(event_type: str, values: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        event(event_type, values, event_id="form-3", when=None)
    assert problems(caught.value) == expected


def test_a_time_that_is_too_early_is_told() -> None:
    with pytest.raises(ValidationError) as caught:
        event("login", {}, event_id="form-4", when=datetime(1999, 12, 31))
    assert problems(caught.value) == ["When should be 2000-01-01 or later."]


def test_the_factor_that_moved_is_named_with_its_points() -> None:
    before = health(WORKED_EXAMPLE)
    after = health([WORKED_EXAMPLE[0], factor("login_frequency", 80.0, 0.2), *WORKED_EXAMPLE[2:]])
    assert change(before, after) == pytest.approx(1.0)
    assert moved(before, after) == ["Login frequency went from 75.0 to 80.0: +1.0 points."]
    assert moved(after, before) == ["Login frequency went from 80.0 to 75.0: −1.0 points."]
    assert moved(before, before) == []


def test_a_factor_that_gets_data_changes_the_weights() -> None:
    before = health([factor("api_usage", None, 0.3), factor("login_frequency", 40, 0.7)])
    after = health([factor("api_usage", 20.0, 0.3), factor("login_frequency", 40, 0.7)])
    assert moved(before, after) == [
        "Api usage has data now: 20.0.",
        "The weights of the other factors change with it.",
    ]


def test_no_change_without_both_scores() -> None:
    nothing = health([factor("api_usage", None, 1.0)], "no_data", overall_score=None)
    assert change(nothing, health(WORKED_EXAMPLE)) is None
