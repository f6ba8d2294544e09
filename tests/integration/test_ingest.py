"""Recording events: receipts, repeats, conflicts, refusals."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy import event as sqlalchemy_event
from sqlmodel import Session

from services.errors import EventConflict, InvalidInput, UnknownCustomer
from tests.support.customers import add_customers
from tests.support.recording import record, record_batch, take_queue
from tests.support.recount import assert_agrees, projected
from tests.support.streams import NOW

pytestmark = pytest.mark.integration


@pytest.fixture
def customer(session: Session) -> int:
    return add_customers(session, 1)[0]


def rows(session: Session, statement: str) -> list[Any]:
    session.rollback()
    return [tuple(row) for row in session.connection().execute(text(statement))]


def test_an_event_gets_an_id_and_the_time_where_it_has_none(engine: Engine, customer: int) -> None:
    receipt = record(engine, customer, "login")
    assert receipt.event_id[14] == "7"  # a UUIDv7
    assert receipt.occurred_at == receipt.received_at == NOW
    assert (receipt.customer_id, receipt.event_type, receipt.duplicate) == (
        customer,
        "login",
        False,
    )
    assert record(engine, customer, "login").event_id != receipt.event_id


def test_what_is_stored_is_what_was_sent(engine: Engine, session: Session, customer: int) -> None:
    data = {
        "amount": Decimal("999999999999.9999"),
        "due_date": "2026-05-01",
        "status": None,
        "note": {"digits": Decimal("0.10000000000000000000000001"), "big": 10**308},
        'key "\\ é 💶': ["\\", '"', "\n", "{,}", "NULL", ""],
    }
    record(engine, customer, "payment", event_data=data, event_id='e\\"{,}é\n')
    same = "SELECT data = CAST(:data AS jsonb), event_id, subject_id FROM event"
    written = (
        '{"amount": 999999999999.9999, "due_date": "2026-05-01", "status": null,'
        ' "note": {"digits": 0.10000000000000000000000001, "big": 1e308},'
        ' "key \\"\\\\ é 💶": ["\\\\", "\\"", "\\n", "{,}", "NULL", ""]}'
    )
    found = session.connection().execute(text(same), {"data": written}).one()
    assert tuple(found) == (True, 'e\\"{,}é\n', 'e\\"{,}é\n')
    assert_agrees(session)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({}, {}),
        ({"event_data": {"count": 1}}, {"event_data": {"count": 1.0}}),
        ({"event_data": {"count": 1}}, {"event_data": {"count": Decimal("1e0")}}),
        ({"event_data": {"x": 1, "y": [2]}}, {"event_data": {"y": [2.0], "x": 1}}),
        ({"timestamp": "2026-05-04T09:00:00Z"}, {"timestamp": "2026-05-04T11:00:00+02:00"}),
        ({"timestamp": "2026-05-04T09:00:00Z"}, {}),
        ({}, {"timestamp": NOW.isoformat()}),
    ],
)
def test_a_repeat_answers_the_same_and_changes_nothing(
    engine: Engine, session: Session, customer: int, first: Any, again: Any
) -> None:
    required = {"feature_name": "reports"}

    def send(envelope: Any, now: datetime) -> Any:
        data = {**required, **envelope.get("event_data", {})}
        envelope = {**envelope, "event_data": data, "event_id": "e"}
        return record(engine, customer, "feature_use", now=now, **envelope)

    receipt = send(first, NOW)
    before = rows(session, "SELECT * FROM event"), projected(session), take_queue(session)
    repeat = send(again, NOW + timedelta(days=400))

    assert repeat == receipt.model_copy(update={"duplicate": True})
    assert (rows(session, "SELECT * FROM event"), projected(session)) == before[:2]
    assert take_queue(session) == []


@pytest.mark.parametrize(
    "other",
    [
        {"event_type": "support_ticket"},
        {"event_data": {"user_id": "bob"}},
        {"event_data": {"user_id": "ada", "plan": None}},
        {"event_data": {}},
        {"timestamp": "2026-05-04T09:00:01Z"},
    ],
)
def test_other_content_under_the_same_id_conflicts_and_changes_nothing(
    engine: Engine, session: Session, customer: int, other: dict[str, Any]
) -> None:
    sent: dict[str, Any] = {"event_data": {"user_id": "ada"}, "timestamp": "2026-05-04T09:00:00Z"}
    record(engine, customer, "login", event_id="e", **sent)
    before = projected(session), take_queue(session)
    changed = {"event_type": "login", **sent, **other}
    with pytest.raises(EventConflict):
        record(engine, customer, changed.pop("event_type"), event_id="e", **changed)
    assert projected(session) == before[0]
    assert take_queue(session) == []


def test_an_id_belongs_to_its_customer(engine: Engine, session: Session) -> None:
    for customer in add_customers(session, 2):
        assert not record(engine, customer, "login", event_id="e").duplicate


@pytest.mark.parametrize("customer_id", [0, -1, 999_999, 2**63, 10**30])
def test_unknown_customers(engine: Engine, customer_id: int) -> None:
    with pytest.raises(UnknownCustomer):
        record(engine, customer_id, "login")


def test_a_timestamp_may_be_24_hours_ahead_and_no_more(engine: Engine, customer: int) -> None:
    edge = NOW + timedelta(hours=24)
    assert record(engine, customer, "login", timestamp=edge.isoformat()).occurred_at == edge
    with pytest.raises(InvalidInput) as caught:
        record(engine, customer, "login", timestamp=(edge + timedelta(microseconds=1)).isoformat())
    assert caught.value.field == ("timestamp",)


def test_a_batch_has_a_verdict_for_every_item_in_order(
    engine: Engine, session: Session, customer: int
) -> None:
    record(engine, customer, "login", event_id="old", event_data={"user_id": "ada"})
    ahead = (NOW + timedelta(days=2)).isoformat()
    ada, bob = ({"event_type": "login", "event_data": {"user_id": u}} for u in ("ada", "bob"))
    verdicts = record_batch(
        engine,
        [
            (customer, {**ada, "event_id": "new"}),
            (customer, {**ada, "event_id": "new"}),
            (customer, {**bob, "event_id": "new"}),
            (customer, {**bob, "event_id": "old"}),
            (customer, {**ada, "event_id": "old"}),
            (customer + 1, {**ada, "event_id": "new"}),
            (customer, {**ada, "timestamp": ahead}),
            (customer, ada),
        ],
    )
    assert [verdict.status for verdict in verdicts] == [
        "accepted",
        "duplicate",
        "conflict",
        "conflict",
        "duplicate",
        "rejected",
        "rejected",
        "accepted",
    ]
    assert [type(verdict.error) for verdict in verdicts[5:7]] == [UnknownCustomer, InvalidInput]
    assert rows(session, "SELECT count(*) FROM event") == [(3,)]
    assert_agrees(session)


def test_an_empty_batch_is_no_work(engine: Engine) -> None:
    assert record_batch(engine, []) == []


def test_a_counter_stops_at_the_largest_bigint(
    engine: Engine, session: Session, customer: int
) -> None:
    record(engine, customer, "api_call", event_data={"endpoint": "/", "count": 10})
    session.connection().execute(text("UPDATE daily_activity SET n = 9223372036854775800"))
    session.commit()
    record(engine, customer, "api_call", event_data={"endpoint": "/", "count": 10**9})
    assert rows(session, "SELECT n FROM daily_activity") == [(2**63 - 1,)]


def test_the_number_of_statements_does_not_grow_with_the_batch(
    engine: Engine, session: Session
) -> None:
    sent: list[str] = []
    sqlalchemy_event.listen(engine, "before_cursor_execute", lambda *call: sent.append(call[2]))

    def statements(customers: int) -> int:
        events: list[dict[str, Any]] = [
            {"event_type": "api_call", "event_data": {"endpoint": "/"}},
            {"event_type": "payment", "event_data": {"amount": 5, "invoice_id": "I"}},
            {"event_type": "support_ticket", "event_data": {"ticket_id": "T"}},
        ]
        items = [(c, event) for c in add_customers(session, customers) for event in events]
        record_batch(engine, items)  # sources, invoices and tickets now exist
        sent.clear()
        record_batch(engine, items)
        return len(sent)

    assert statements(30) == statements(1) <= 13


def test_times_are_kept_in_utc(engine: Engine, session: Session, customer: int) -> None:
    record(engine, customer, "login", timestamp="2026-06-01T23:30:00-07:00")
    assert rows(session, "SELECT day FROM daily_activity") == [(date(2026, 6, 2),)]
    moment = datetime(2026, 6, 2, 6, 30, tzinfo=UTC)
    assert rows(session, "SELECT occurred_at, received_at FROM event") == [(moment, NOW)]
