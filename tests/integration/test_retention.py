"""RETENTION_DAYS: what old events held goes; what was counted and told of it stays."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from db.queries import retention as queries
from db.session import read, write
from services import retention
from services.activity import events_page
from services.customers import delete
from services.leader import ScorerThread
from settings import get_settings
from tests.support.actors import TESTER
from tests.support.customers import add_customers
from tests.support.recording import record_batch
from tests.support.recount import USER, projected
from tests.support.streams import NOW, stream
from tests.support.writers import until
from ui.customer import record_rows

pytestmark = pytest.mark.integration

DAYS = 30
BEFORE = NOW - timedelta(days=DAYS)
KINDS_WITH_SUBJECT = "('payment', 'support_ticket')"


@pytest.fixture(autouse=True)
def thirty_days(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_DAYS", str(DAYS))
    get_settings.cache_clear()


def remove() -> int:
    """Everything that is due; in how many transactions."""
    for batches in range(1, 10_000):
        if not write(lambda session: retention.remove_old_data(session, now=NOW)):
            return batches
    raise AssertionError("never ends")


def count(session: Session, condition: str) -> int:
    session.rollback()
    statement = text(f"SELECT count(*) FROM event WHERE {condition}")
    found: int = session.execute(statement, {"before": BEFORE}).scalar_one()
    return found


def of(session: Session, customer: int) -> dict[str, dict[Any, Any]]:
    """What is projected of one customer, but for users last seen before the retention."""
    session.rollback()
    return {
        table: {
            key[1:]: row
            for key, row in rows.items()
            if key[0] == customer
            and not (table == "last_seen" and key[1] == USER and row[1] < BEFORE)
        }
        for table, rows in projected(session).items()
        if table != "connected_source"
    }


@pytest.mark.parametrize("seed", range(4))
def test_late_events_find_everything_as_if_nothing_had_been_removed(
    engine: Engine, session: Session, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 7)
    kept, forgetful = add_customers(session, 2)
    items = [event for _, event in stream(seed, customers=[forgetful], length=200)]
    random.Random(seed).shuffle(items)
    early, late = items[:120], items[120:]
    record_batch(engine, [(forgetful, event) for event in early])
    counted = of(session, forgetful)
    assert remove() > 3
    assert of(session, forgetful) == counted
    assert count(session, "occurred_at < :before AND data IS NULL") > 20
    assert count(session, "occurred_at < :before AND (data IS NULL) = (subject_id IS NULL)") == (
        count(session, "occurred_at < :before")
    )
    assert count(session, "occurred_at >= :before AND data IS NULL") == 0

    record_batch(engine, [(forgetful, event) for event in late])
    record_batch(engine, [(kept, event) for event in items])
    assert of(session, forgetful) == of(session, kept)

    again = record_batch(engine, [(forgetful, event) for event in items])
    assert {verdict.status for verdict in again} == {"duplicate"}
    other = [{**event, "event_data": {**event["event_data"], "note": "other"}} for event in early]
    told = record_batch(engine, [(forgetful, event) for event in other])
    assert {verdict.status for verdict in told} == {"conflict"}
    assert of(session, forgetful) == of(session, kept)


def test_users_are_forgotten_with_the_last_event_that_names_them(
    engine: Engine, session: Session
) -> None:
    (customer,) = add_customers(session, 1)

    def login(user: str, days: int) -> tuple[int, dict[str, Any]]:
        moment = (NOW - timedelta(days=days)).isoformat()
        return customer, {
            "event_type": "login",
            "event_data": {"user_id": user, "ip_address": "192.0.2.7"},
            "timestamp": moment,
            "event_id": f"{user}{days}",
        }

    record_batch(
        engine, [login("gone", 90), login("gone", 40), login("back", 90), login("back", 3)]
    )
    remove()
    names = {key[2] for key in projected(session)["last_seen"] if key[1] == USER}
    assert names == {"back"}
    session.rollback()
    held = session.execute(text("SELECT string_agg(data::text, ' ') FROM event")).scalar_one()
    assert "gone" not in held
    assert held.count("192.0.2.7") == 1


def test_nothing_goes_unless_it_is_asked_for(
    engine: Engine, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_batch(engine, stream(1, customers=add_customers(session, 1), length=40))
    monkeypatch.delenv("RETENTION_DAYS")
    get_settings.cache_clear()
    assert remove() == 1
    assert count(session, "data IS NULL") == 0


def test_the_leader_does_it_and_lists_say_so(engine: Engine, session: Session) -> None:
    customer, erased = add_customers(session, 2)
    record_batch(engine, stream(3, customers=[customer, erased], length=120))
    scorer = ScorerThread(now=lambda: NOW + timedelta(days=1)).start()
    try:
        due = f"data IS NOT NULL AND event_type NOT IN {KINDS_WITH_SUBJECT}"
        until(lambda: count(session, f"occurred_at < :before AND {due}") == 0)
    finally:
        scorer.stop()
    write(lambda session: delete(session, by=TESTER, customer_id=erased))
    assert count(session, f"customer_id = {erased}") == 0
    with read() as reading:
        page = events_page(reading, customer_id=customer, limit=500)
    old = [item for item in page.items if item.event_data is None]
    assert old
    assert {record_rows.event(item)["data"] for item in old} == {f"Removed after {DAYS} days"}
    assert all(item.event_data for item in page.items if item.event_type == "payment")


def test_what_is_due_is_found_without_reading_the_rest(engine: Engine, session: Session) -> None:
    ids = add_customers(session, 1)
    session.execute(
        text("""
        INSERT INTO event (customer_id, event_id, event_type, occurred_at, received_at, source,
                           data, content_hash)
        SELECT :id, n, 'login', :now - n * interval '1 minute', :now, 'api',
               CASE WHEN n < 20000 THEN '{}'::jsonb END, ''
        FROM generate_series(1, 40000) AS n
    """),
        {"id": ids[0], "now": NOW - timedelta(days=16, hours=3)},
    )
    session.commit()
    session.execute(text("ANALYZE event"))
    explain = text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queries._OLD.text}")
    values = {"before": BEFORE, "limit": retention.BATCH}
    plan = session.execute(explain, values).scalar_one()[0]["Plan"]
    (scan,) = plan["Plans"]
    assert scan["Index Name"] == "ix_event_data"
    assert scan["Actual Rows"] == 19
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 20, "of a thousand"
