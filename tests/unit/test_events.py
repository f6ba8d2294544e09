"""The five kinds of event: what they take, what they refuse, and that nothing is coerced."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from services.event_content import exact_json
from services.event_fields import LATEST_DAY
from services.events import EVENT_ADAPTER, EVENT_TYPES, EventType

pytestmark = pytest.mark.unit

MINIMAL: dict[str, dict[str, Any]] = {
    "login": {},
    "api_call": {"endpoint": "/orders"},
    "feature_use": {"feature_name": "reports"},
    "payment": {"amount": 10},
    "support_ticket": {},
}


def event(event_type: str, data: object = None, **envelope: object) -> dict[str, object]:
    data = MINIMAL[event_type] | data if isinstance(data, dict) else MINIMAL[event_type]
    return {"event_type": event_type, "event_data": data, **envelope}


def problems(value: object) -> list[tuple[tuple[int | str, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        EVENT_ADAPTER.validate_python(value)
    found = caught.value.errors(include_url=False, include_input=False, include_context=False)
    for problem in found:
        str(problem).encode()  # an answer must be able to carry it
    return [(problem["loc"], problem["msg"]) for problem in found]


def test_the_list_of_types_is_the_union() -> None:
    assert get_args(EventType) == EVENT_TYPES == tuple(MINIMAL)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_required_is_enough_and_unknown_properties_are_kept(event_type: str) -> None:
    assert EVENT_ADAPTER.validate_python(event(event_type)).event_type == event_type
    extra = {"plan": {"tier": [1, None, 0.5]}, "model_dump": 1, "__class__": "x", "": 2, "self": 3}
    kept = EVENT_ADAPTER.validate_python(event(event_type, extra)).event_data.stated()
    assert kept == MINIMAL[event_type] | extra


@pytest.mark.parametrize("event_type", ["login", "support_ticket"])
def test_event_data_may_be_missing(event_type: str) -> None:
    parsed = EVENT_ADAPTER.validate_python({"event_type": event_type})
    assert parsed.event_data.stated() == {}


@pytest.mark.parametrize(
    ("event_type", "missing"),
    [("api_call", "endpoint"), ("feature_use", "feature_name"), ("payment", "amount")],
)
def test_the_required_is_required(event_type: str, missing: str) -> None:
    path = (event_type, "event_data", missing)
    assert problems({"event_type": event_type, "event_data": {}})[0][0] == path
    assert problems({"event_type": event_type, "event_data": {missing: None}})[0][0] == path
    assert problems({"event_type": event_type})[0][0] == (event_type, "event_data")


WHOLE = [
    ("login", "session_seconds", 0, 604_800),
    ("api_call", "status_code", 100, 599),
    ("api_call", "count", 1, 10**9),
    ("feature_use", "count", 1, 10**9),
    ("support_ticket", "satisfaction", 1, 5),
]


@pytest.mark.parametrize(("event_type", "name", "least", "most"), WHOLE)
def test_whole_numbers_are_strict_and_bounded(
    event_type: str, name: str, least: int, most: int
) -> None:
    for good in (least, most, float(most), Decimal(most), Decimal(f"{most}.00")):
        stated = EVENT_ADAPTER.validate_python(event(event_type, {name: good})).event_data.stated()
        assert stated[name] == good
    beyond = [least - 1, most + 1, 2**63, -(2**70), 10**300, 1e300, Decimal("1e300")]
    for bad in [*beyond, str(least), "", True, least + 0.5, Decimal("1.5"), [least], {}]:
        assert problems(event(event_type, {name: bad}))[0][0] == (event_type, "event_data", name)


@pytest.mark.parametrize("good", [0.0001, 1, 0.1, 99.99999, 10**12, Decimal("1e12")])
def test_amounts(good: object) -> None:
    stated = EVENT_ADAPTER.validate_python(event("payment", {"amount": good})).event_data.stated()
    assert stated["amount"] == Decimal(str(good))


@pytest.mark.parametrize("bad", [0, -1, -0.0, 0.00009, 1e12 + 1, 10**300, "10", True, None, [1]])
def test_amounts_refused(bad: object) -> None:
    found = problems(event("payment", {"amount": bad}))
    assert found[0][0] == ("payment", "event_data", "amount")


@pytest.mark.parametrize("bad", [-1, -0.001, "5", True, [5]])
def test_response_time_is_a_number_from_zero(bad: object) -> None:
    assert EVENT_ADAPTER.validate_python(event("api_call", {"response_time": 12.5}))
    found = problems(event("api_call", {"response_time": bad}))
    assert found[0][0] == ("api_call", "event_data", "response_time")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-04T09:30:00Z", datetime(2026, 5, 4, 9, 30, tzinfo=UTC)),
        ("2026-05-04T09:30Z", datetime(2026, 5, 4, 9, 30, tzinfo=UTC)),
        ("2026-05-04T01:30:00.123456789+02:00", datetime(2026, 5, 3, 23, 30, 0, 123456, UTC)),
        ("2026-05-04T01:30:00-0330", datetime(2026, 5, 4, 5, 0, tzinfo=UTC)),
        ("2000-01-01T00:00:00Z", datetime(2000, 1, 1, tzinfo=UTC)),
    ],
)
def test_timestamps(text: str, moment: datetime) -> None:
    parsed = EVENT_ADAPTER.validate_python(event("login", timestamp=text))
    assert parsed.timestamp == moment
    assert parsed.timestamp.tzinfo is UTC


@pytest.mark.parametrize(
    "bad",
    [
        1_777_777_777,
        1.5,
        True,
        "1777777777",
        "",
        "2026-05-04",
        "2026-05-04T09:30:00",
        "2026-02-30T09:30:00Z",
        "2026-05-04T25:00:00Z",
        "2026-05-04T09:30:00+25:00",
        "1999-12-31T23:59:59Z",
        "2000-01-01T00:00:00+01:00",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        " 2026-05-04T09:30:00Z",
        "2026-05-04T09:30:00Z\n",
        "٢٠٢٦-05-04T09:30:00Z",
        "now",
    ],
)
def test_timestamps_refused(bad: object) -> None:
    assert problems(event("login", timestamp=bad))[0][0] == ("login", "timestamp")


@pytest.mark.parametrize("name", ["due_date", "paid_date"])
def test_days(name: str) -> None:
    for good in ("2000-01-01", "2028-02-29", LATEST_DAY.isoformat(), None):
        parsed = EVENT_ADAPTER.validate_python(event("payment", {name: good}))
        assert parsed.event_data.stated()[name] == good
    for bad in ("2027-02-29", "20260504", "2026-W01-1", 5, "0001-01-01", "9999-12-31", "", True):
        path = ("payment", "event_data", name)
        assert problems(event("payment", {name: bad}))[0][0] == path


@pytest.mark.parametrize(
    ("event_type", "name", "bad"),
    [
        ("login", "user_id", ""),
        ("login", "user_id", "x" * 256),
        ("login", "user_id", 5),
        ("api_call", "endpoint", ""),
        ("feature_use", "feature_name", "x" * 101),
        ("feature_use", "feature_name", ""),
        ("payment", "currency", "EURO"),
        ("payment", "currency", "eu\n"),
        ("payment", "status", "open"),
        ("payment", "invoice_id", ""),
        ("payment", "invoice_id", "x" * 256),
        ("support_ticket", "priority", "High"),
        ("support_ticket", "status", "closed"),
        ("support_ticket", "ticket_id", ""),
        ("support_ticket", "subject", 5),
    ],
)
def test_words_refused(event_type: str, name: str, bad: object) -> None:
    assert problems(event(event_type, {name: bad}))[0][0] == (event_type, "event_data", name)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        5,
        "login",
        [],
        {},
        {"event_type": None},
        {"event_type": ["login"]},
        {"event_type": "logout"},
        {"event_type": "\ud800"},
        {"event_type": "login", "event_data": None},
        {"event_type": "login", "event_data": []},
        {"event_type": "login", "event_data": "x"},
        {"event_type": "login", "customer": 5},
        {"event_type": "login", "\ud800": 5},
        {"event_type": "login", "event_id": ""},
        {"event_type": "login", "event_id": "x" * 256},
        {"event_type": "login", "event_id": "a\x00"},
        {"event_type": "login", "event_id": 7},
        {"event_type": "login", "event_data": {"note": "a\x00"}},
        {"event_type": "login", "event_data": {"n\x00": 1}},
        {"event_type": "login", "event_data": {"note": ["\udead"]}},
        {"event_type": "login", "event_data": {"n": float("nan")}},
        {"event_type": "login", "event_data": {"n": float("inf")}},
        {"event_type": "login", "event_data": {"n": 10**5000}},
        {"event_type": "login", "event_data": {"n": Decimal("1e131071")}},
    ],
)
def test_hostile_envelopes_are_validation_errors(bad: object) -> None:
    assert problems(bad)


def test_ten_levels_with_the_envelope() -> None:
    value: object = 1
    for _ in range(8):
        value = [value]
    assert EVENT_ADAPTER.validate_python(event("login", {"deep": value}))
    assert "nested" in problems(event("login", {"deep": [value]}))[0][1]


def test_32_kilobytes_counted_as_stored() -> None:
    room = 32 * 1024 - len('{"event_data":{"note":""},"event_type":"login"}')
    assert EVENT_ADAPTER.validate_python(event("login", {"note": "x" * room}))
    assert "32 KB" in problems(event("login", {"note": "x" * (room + 1)}))[0][1]
    assert "32 KB" in problems(event("login", {"note": "é" * (room // 2 + 1)}))[0][1]
    assert "32 KB" in problems(event("login", {"numbers": [1e300] * 200}))[0][1]


def test_the_schema_names_the_limits_and_the_discriminator() -> None:
    schema = EVENT_ADAPTER.json_schema()
    assert schema["discriminator"]["propertyName"] == "event_type"
    assert len(schema["oneOf"]) == len(EVENT_TYPES)
    count = schema["$defs"]["ApiCallData"]["properties"]["count"]["anyOf"][0]
    assert count == {"type": "integer", "minimum": 1, "maximum": 10**9}
    assert schema["$defs"]["LoginEvent"]["additionalProperties"] is False
    assert schema["$defs"]["LoginData"]["additionalProperties"] is True
    for name in ("LoginEvent", "ApiCallEvent", "FeatureUseEvent", "PaymentEvent"):
        for example in schema["$defs"][name]["examples"]:
            assert EVENT_ADAPTER.validate_python(example)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_content_is_the_text_of_what_was_stated(event_type: str) -> None:
    """Validation keeps the text that it checked; what is stored was hashed from this one."""
    known = {"user_id": "zoë", "count": Decimal("5.0"), "status_code": 404, "plan": {"a": [None]}}
    if event_type == "payment":
        known = {"amount": Decimal("9.90"), "due_date": "2026-05-04", "x": Decimal("1e2")}
    for data in (known, {}, None):
        sent = event(event_type, data)
        if data is None and event_type in {"login", "support_ticket"}:
            del sent["event_data"]
        parsed = EVENT_ADAPTER.validate_python(sent)
        stated = parsed.event_data.stated()
        assert parsed.content(stated) == exact_json(stated)
        assert parsed.model_copy().content(stated) == exact_json(stated)
