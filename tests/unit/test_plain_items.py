"""What is plainly in order in a bulk body is what the schemas accept, with equal results."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.bulk_reading import read_any, read_plain
from services.events import DATA_MODELS

pytestmark = pytest.mark.unit

ids = st.text(max_size=3) | st.sampled_from(
    ["a" * 255, "a" * 256, "a\0", "\ud800", "a\n", "é", 5, None, ["a"]]
)
numbers = (
    st.integers(-1, 700_000)
    | st.decimals(-1, 10**13, places=3)
    | st.sampled_from([True, 1.0, 0.5, 10**30, Decimal("1E+2"), Decimal("1e400"), Decimal("2.00")])
)
values = (
    numbers
    | ids
    | st.sampled_from(["USD", "paid", "high", "resolved", "2026-05-04", "2026-13-01", "a" * 2_000])
    | st.sampled_from([None, {}, [1], {"a": Decimal(1)}])
)
timestamps = st.sampled_from(
    ["2026-05-04T09:30:00Z", "2026-05-04T09:30:00.5+00:00", "2026-05-04T09:30:00.123456+00:00",
     "2026-05-04T09:30:00.1234567Z", "2026-05-04T09:30:00+02:00", "2026-05-04T09:30Z",
     "1999-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "2026-05-04T24:00:00Z", "2026-05-04",
     "2026-05-04T09:30:00Z\n", "٢026-05-04T09:30:00Z", "9999-12-31T23:59:59Z", "", 5, None]
)  # fmt: skip


@st.composite
def items(draw: st.DrawFn) -> Any:
    event_type = draw(st.sampled_from([*DATA_MODELS, "logout", None, ["login"]]))
    known = list(DATA_MODELS[event_type].model_fields) if isinstance(event_type, str) and (
        event_type in DATA_MODELS
    ) else ["user_id"]  # fmt: skip
    names = st.sampled_from([*known, *known, *known, "plan", ""])
    item: dict[str, Any] = {
        "event_type": event_type,
        "event_data": draw(st.dictionaries(names, values)),
    }
    if draw(st.integers(0, 5)) == 0:
        item["event_data"] = draw(values)
    others = {
        "customer_id": st.integers(1, 9) | numbers | values,
        "external_id": ids,
        "timestamp": timestamps,
        "event_id": ids,
        "plan": ids,
    }
    wanted = draw(st.sets(st.sampled_from(["timestamp", "event_id", "timestamp", "event_id"])))
    wanted |= draw(st.sampled_from([{"customer_id"}, {"external_id"}, set(others), set()]))
    return item | {name: draw(others[name]) for name in sorted(wanted)}


@settings(max_examples=400, deadline=None)
@given(items())
def test_a_plain_verdict_is_the_schemas_verdict(item: Any) -> None:
    plain = read_plain(item)
    if plain is not None:
        assert plain == read_any(item)


@pytest.mark.parametrize(
    "item", [None, 5, "x", [], {}, {"event_data": {}}, {"event_type": "login"}]
)
def test_what_is_no_event_is_left_to_the_schemas(item: Any) -> None:
    assert read_plain(item) is None


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("login", {}),
        ("login", {"user_id": "zoë", "session_seconds": Decimal("60.0")}),
        ("api_call", {"endpoint": "/v1/orders/7", "status_code": 503, "count": 10**9}),
        ("feature_use", {"feature_name": "reports"}),
        ("payment", {"amount": Decimal("9.90"), "due_date": "2026-05-04", "currency": "eur"}),
        ("support_ticket", {"priority": "urgent", "satisfaction": 5}),
    ],
)
@pytest.mark.parametrize("whose", [{"customer_id": 7}, {"external_id": "crm-7"}])
def test_usual_items_need_no_other_verdict(
    event_type: str, data: dict[str, Any], whose: dict[str, Any]
) -> None:
    for more in ({}, {"event_id": "e-1", "timestamp": "2026-05-04T09:30:00Z"}):
        item = {"event_type": event_type, "event_data": data, **whose, **more}
        assert read_plain(item) is not None
        assert read_plain(item) == read_any(item)


def test_a_boolean_does_not_pass_for_the_number_that_equals_it() -> None:
    for count, plain in [(1, True), (True, False), (1, True)]:
        data = {"feature_name": "reports", "count": count}
        item = {"customer_id": 1, "event_type": "feature_use", "event_data": data}
        assert (read_plain(item) is not None) is plain
