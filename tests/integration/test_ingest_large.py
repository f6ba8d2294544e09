"""Large batches go another way into the database, to the same end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from db.queries import queue
from db.queries.events import STAGED_FROM
from db.session import write
from services.events import EVENT_ADAPTER
from services.incoming import Incoming, prepare, stated
from services.ingest import record_prepared
from tests.support.customers import add_customers
from tests.support.recording import record_batch, take_queue
from tests.support.recount import assert_agrees
from tests.support.streams import NOW, stream

pytestmark = pytest.mark.integration

LENGTH = STAGED_FROM + 200
HARD = ["a\tb", "a\nb", "a\rb", "a\\b", "\\N", '{"a",NULL}', "é 💶", "\\x00", " "]


def all_rows(session: Session) -> list[Any]:
    session.rollback()
    statement = (
        "SELECT event_type, event_id, occurred_at, received_at, source, subject_id, data,"
        " content_hash FROM event ORDER BY event_id, customer_id"
    )
    return [tuple(row) for row in session.connection().execute(text(statement))]


def test_it_stores_what_small_batches_store(engine: Engine, session: Session) -> None:
    large, small = add_customers(session, 2)
    for customer in (large, small):
        items = stream(3, customers=[customer], length=LENGTH)
        for number, hard in enumerate(HARD):
            items[number][1].update(event_id=hard, event_data={"ticket_id": hard, hard: hard})
            items[number][1]["event_type"] = "support_ticket"
        size = LENGTH if customer == large else 50
        for start in range(0, LENGTH, size):
            batch = items[start : start + size]
            assert {v.status for v in record_batch(engine, batch)} == {"accepted"}
            assert {v.status for v in record_batch(engine, batch)} == {"duplicate"}
    rows = all_rows(session)
    assert len(rows) == 2 * LENGTH
    assert rows[::2] == rows[1::2]
    assert_agrees(session)


def test_repeats_inside_and_before_a_large_batch(engine: Engine, session: Session) -> None:
    (customer,) = add_customers(session, 1)
    items = stream(4, customers=[customer], length=LENGTH)
    other = (customer, {"event_type": "login", "event_id": "e5", "event_data": {"odd": 1}})
    record_batch(engine, items[:10])
    verdicts = record_batch(engine, [*items, *items[5:20], other, (customer + 1, items[0][1])])
    statuses = [verdict.status for verdict in verdicts]
    assert statuses == (
        ["duplicate"] * 10
        + ["accepted"] * (LENGTH - 10)
        + ["duplicate"] * 15
        + ["conflict", "rejected"]
    )
    assert_agrees(session)


def test_each_item_may_have_come_in_at_its_own_time(engine: Engine, session: Session) -> None:
    (customer,) = add_customers(session, 1)
    times = [NOW - timedelta(days=day) for day in (40, 2)]
    logins = [login(customer, received=moment) for moment in times]
    verdicts = write(lambda session: record_prepared(session, events=logins, now=NOW))
    receipts = [verdict.receipt for verdict in verdicts]
    assert [(r.occurred_at, r.received_at) for r in receipts if r] == [(t, t) for t in times]
    assert [row[3] for row in all_rows(session)] == times
    assert_agrees(session)


def test_scores_may_wait_until_they_are_released(engine: Engine, session: Session) -> None:
    (customer,) = add_customers(session, 1)
    events, after = [login(customer, received=NOW)], timedelta(hours=1)
    write(
        lambda session: record_prepared(session, events=events, now=NOW, score_after=after),
    )
    assert take_queue(session) == []
    write(lambda session: queue.release(session))
    assert take_queue(session) == [(None, NOW.date()), (customer, NOW.date())]


def login(customer: int, *, received: datetime) -> Incoming:
    event = stated(EVENT_ADAPTER.validate_python({"event_type": "login"}))
    return prepare(customer_id=customer, event=event, source="test", now=NOW, received=received)
