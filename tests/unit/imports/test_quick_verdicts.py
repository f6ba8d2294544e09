"""The quick verdict is the schemas' own: it accepts nothing else, and with equal results."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.events import DATA_MODELS
from services.imports.csv_file import Row
from services.imports.event_rows import EventRows
from services.imports.judge import judge
from services.imports.kinds import Kind, fields, properties
from services.imports.quick import Clock, Quick
from services.imports.ready import Ready, incoming
from services.imports.ready_rows import ReadyRows
from services.imports.reasons import RowRejected

pytestmark = pytest.mark.unit

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
QUICK = Quick()
CLOCK = Clock.at(NOW)

moments = st.datetimes(datetime(1999, 12, 30), datetime(2026, 6, 18)).map(
    lambda moment: moment.isoformat() + "Z"
) | st.sampled_from(
    ["2026-05-04T09:30:00Z", "2026-05-04 09:30:00+02", "2026-02-30T00:00:00Z",
     "2026-W20-1T09:30:00Z", "2026-05-04T09:30:00.5Z", "2026-05-04T09:30:00.1234567Z",
     "20260504T093000.123Z", "", "soon",
     "2026-05-04T24:00:00Z", "2026-05-04", "2026-05-04T09:30:00.50+00:00",
     "2026-05-04T09:30:00.000Z", "2026-05-04T09:30:00.000000+00:00", "2026-05-04T09:30:60Z",
     "2026-05-04T09:60:00Z", "0000-01-01T00:00:00Z",
     " 2026-05-04T09:30:00Z", "٢026-05-04T09:30:00Z"]
)  # fmt: skip
words = st.text(max_size=4) | st.sampled_from(
    ["ada", "a" * 100, "a" * 101, "a" * 255, "a" * 256, "ä" * 1001, "\0", " ", "USD", "usd ",
     "paid", "high", "open", "resolved", "2026-05-04", "2026-13-01", "2999-12-31", "3000-01-01"]
)  # fmt: skip
figures = (
    st.integers(-1, 700_000).map(str)
    | st.decimals(-1, 10**13, places=3).map(str)
    | st.sampled_from(["1", "1.0", "1e0", "01", "1e9", "1e400", "0.00001", "NaN", "9" * 1001, "5 "])
)
objects = st.sampled_from(
    ["{}", "[]", "7", "{", '{"user_id": "ada"}', '{"endpoint": "/v1", "count": 1}',
     '{"endpoint": "/v1", "count": true}', '{"endpoint": "/v1", "count": 1.0}',
     '{"note": {"a": [1]}}', '{"feature_name": null}',
     '{"amount": 0.10000000000000000001}', '{"amount": true}']
)  # fmt: skip


def cells(field: str) -> st.SearchStrategy[str]:
    special = {
        "event_data": st.just("") | objects,
        "timestamp": moments,
        "opened_at": moments,
        "resolved_at": st.just("") | moments,
        "issued_at": st.just("") | moments,
        "received_at": st.just("") | moments,
        "external_id": st.just("c-1"),
        "customer_id": st.just(""),
        "email": st.just(""),
    }
    return special.get(field, st.just("") | words | figures)


def columns(kind: Kind, event_type: str) -> list[str]:
    """The fields that a row of this type fills, so that many a row is in order."""
    others = set(properties()) - set(DATA_MODELS[event_type].model_fields)
    return [field.name for field in fields(kind) if kind != "events" or field.name not in others]


def rows(kind: Kind, event_type: str) -> st.SearchStrategy[Row]:
    drawn = [
        st.just(event_type) if name == "event_type" else cells(name)
        for name in columns(kind, event_type)
    ]
    return st.tuples(*drawn).map(list)


def quick_outcome(reader: ReadyRows, row: Row) -> list[Ready] | str:
    """What is stored of each event that the row tells, or why not."""
    try:
        return reader.read(row, 1)
    except RowRejected as error:
        return str(error)


def outcome(reader: EventRows, row: Row) -> list[Ready] | str:
    """The same by the schemas alone."""
    try:
        told = reader.read(row)[1]
        return [judge(each, customer_id=1, now=NOW, names=reader.names) for each in told]
    except RowRejected as error:
        return str(error)


def same_stored(told: list[Ready] | str) -> object:
    """What PostgreSQL and the counters would make of it."""
    return told if isinstance(told, str) else [(incoming(event), event) for event in told]


@pytest.mark.parametrize(
    ("kind", "event_type"),
    [
        *(("events", event_type) for event_type in DATA_MODELS),
        ("invoices", "payment"),
        ("tickets", "support_ticket"),
    ],
)
def test_the_quick_verdict_is_the_schemas_verdict(kind: Kind, event_type: str) -> None:
    names = columns(kind, event_type)
    reader = EventRows(kind, dict(zip(names, names, strict=True)), names)
    quickly = ReadyRows(reader)  # one for all examples: what it remembers must not mislead it
    quickly.set_time(NOW)

    @settings(max_examples=120, deadline=None)
    @given(rows(kind, event_type))
    def check(row: Row) -> None:
        assert same_stored(quick_outcome(quickly, row)) == same_stored(outcome(reader, row))

    check()


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("event_type,timestamp,email,user_id,session_seconds", "login,{t},a@x,ada,60"),
        ("event_type,timestamp,email,endpoint,status_code,response_time,count",
         "api_call,{t},a@x,/v1/orders/7,503,12.5,1000000000"),
        ("event_type,timestamp,email,feature_name,event_id", "feature_use,{t},a@x,reports,e-1"),
        ("event_type,timestamp,email,amount,due_date,currency,status",
         "payment,{t},a@x,1000000000000,2026-05-01,eur,failed"),
        ("event_type,timestamp,email,ticket_id,priority,satisfaction",
         "support_ticket,{t},a@x,T-1,urgent,5"),
    ],
)  # fmt: skip
def test_a_clean_row_needs_no_other_verdict(header: str, row: str) -> None:
    names = header.split(",")
    reader = EventRows("events", dict(zip(names, names, strict=True)), names)
    (told,) = reader.read(row.format(t="2026-05-04T09:30:00Z").split(","))[1]
    assert QUICK.judge(told, customer_id=1, clock=CLOCK) is not None


def test_a_boolean_does_not_pass_for_the_number_that_equals_it() -> None:
    reader = EventRows("events", {"email": "e", "event_type": "t", "timestamp": "w",
                                  "event_data": "d"}, ["e", "t", "w", "d"])  # fmt: skip
    for count, accepted in [("1", True), ("true", False), ("1", True)]:
        row = ["a@x", "api_call", "2026-05-04T09:30:00Z", f'{{"endpoint": "/", "count": {count}}}']
        (told,) = reader.read(row)[1]
        assert (QUICK.judge(told, customer_id=1, clock=CLOCK) is not None) is accepted
