"""The scorer is told the earliest day whose score an event can move, and for whom."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from db.queries import customers as customer_queries
from services.errors import EventConflict
from tests.support.customers import add_customers
from tests.support.recording import record, record_batch, take_queue
from tests.support.recount import assert_agrees, projected
from tests.support.streams import NOW

pytestmark = pytest.mark.integration

TODAY = NOW.date()


@pytest.fixture
def customer(session: Session) -> int:
    return add_customers(session, 1)[0]


def test_the_day_of_the_event(engine: Engine, session: Session, customer: int) -> None:
    record(engine, customer, "login", timestamp="2026-06-01T23:30:00-07:00")
    assert take_queue(session) == [(None, date(2026, 6, 2)), (customer, date(2026, 6, 2))]


def test_an_event_ahead_moves_today(engine: Engine, session: Session, customer: int) -> None:
    record(
        engine,
        customer,
        "payment",
        event_data={"amount": 1},
        timestamp=(NOW + timedelta(hours=23)).isoformat(),
    )
    assert take_queue(session) == [(customer, TODAY)]


def test_one_entry_a_customer_with_the_earliest_day(engine: Engine, session: Session) -> None:
    ids = add_customers(session, 2)
    payment = {"event_type": "payment", "event_data": {"amount": 1}}
    days = ["2026-06-03", "2026-06-01", "2026-06-02"]
    items = [(c, {**payment, "timestamp": f"{day}T10:00:00Z"}) for c in ids for day in days]
    record_batch(engine, items)
    assert take_queue(session) == [(customer, date(2026, 6, 1)) for customer in ids]


@pytest.mark.parametrize(
    ("data", "day"),
    [
        ({"due_date": "2026-05-01"}, date(2026, 5, 1)),
        ({"due_date": "2026-09-01"}, TODAY),
        ({"paid_date": "2026-05-20"}, date(2026, 5, 20)),
        ({"due_date": "2026-05-30", "paid_date": "2026-05-20"}, date(2026, 5, 30)),
    ],
)
def test_a_new_invoice_counts_from_its_due_date(
    engine: Engine, session: Session, customer: int, data: dict[str, str], day: date
) -> None:
    record(engine, customer, "payment", event_data={"amount": 1, **data})
    assert take_queue(session) == [(customer, day)]


def test_news_of_an_invoice_move_what_they_change(
    engine: Engine, session: Session, customer: int
) -> None:
    invoice = {"amount": 1, "invoice_id": "I", "due_date": "2026-04-01"}
    record(engine, customer, "payment", event_data={**invoice, "status": "pending"})
    take_queue(session)
    paid = {**invoice, "status": "paid", "paid_date": "2026-05-26"}
    record(engine, customer, "payment", event_data=paid)
    assert take_queue(session) == [(customer, date(2026, 5, 26))]
    record(
        engine,
        customer,
        "payment",
        event_data={**paid, "amount": 2},
        timestamp=(NOW + timedelta(minutes=1)).isoformat(),
    )
    assert take_queue(session) == [(customer, TODAY)]


def test_a_changed_priority_moves_the_days_since_the_ticket_was_opened(
    engine: Engine, session: Session, customer: int
) -> None:
    opened: dict[str, Any] = {"event_data": {"ticket_id": "T"}, "timestamp": "2026-05-01T10:00:00Z"}
    record(engine, customer, "support_ticket", **opened)
    take_queue(session)
    record(engine, customer, "support_ticket", event_data={"ticket_id": "T", "status": "resolved"})
    assert take_queue(session) == [(customer, TODAY)]
    record(
        engine,
        customer,
        "support_ticket",
        event_data={"ticket_id": "T", "priority": "urgent"},
        timestamp=(NOW + timedelta(minutes=1)).isoformat(),
    )
    assert take_queue(session) == [(customer, date(2026, 5, 1))]


def test_everybody_when_a_source_appears_or_moves_earlier(
    engine: Engine, session: Session, customer: int
) -> None:
    def everybody(day: str, kind: str = "login") -> list[date]:
        record(engine, customer, kind, timestamp=f"{day}T10:00:00Z")
        return [day for who, day in take_queue(session) if who is None]

    assert everybody("2026-06-10") == [date(2026, 6, 10)]
    assert everybody("2026-06-11") == []
    assert everybody("2026-06-01") == [date(2026, 6, 1)]
    assert everybody("2026-06-01") == []
    assert everybody("2026-06-12", "support_ticket") == [date(2026, 6, 12)]


def test_a_conflicting_event_connects_no_source_earlier(
    engine: Engine, session: Session, customer: int
) -> None:
    record(engine, customer, "login", event_id="e", timestamp="2026-06-10T10:00:00Z")
    take_queue(session)
    with pytest.raises(EventConflict):
        record(engine, customer, "login", event_id="e", timestamp="2026-06-01T10:00:00Z")
    assert take_queue(session) == []
    assert_agrees(session)


def test_a_source_stays_connected_after_erasure(
    engine: Engine, session: Session, customer: int
) -> None:
    record(engine, customer, "login", timestamp="2026-06-10T10:00:00Z")
    customer_queries.erase(session, customer_id=customer)
    session.commit()
    left = {name: rows for name, rows in projected(session).items() if rows}
    assert left == {"connected_source": {("login",): (date(2026, 6, 10), NOW.date())}}
    other = add_customers(session, 1)[0]
    take_queue(session)
    record(engine, other, "login", timestamp="2026-06-11T10:00:00Z")
    assert take_queue(session) == [(other, date(2026, 6, 11))]
