"""Several writers at once: nothing counted twice, nothing lost, nothing stuck."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from db.queries import customers as customer_queries
from db.queries.events import insert_new
from db.session import write
from services.errors import UnknownCustomer
from services.events import EVENT_ADAPTER
from services.incoming import prepare, stated
from services.ingest import record_event, record_events
from services.projector import project
from tests.support.customers import add_customers
from tests.support.recording import record, record_batch
from tests.support.recount import assert_agrees, projected
from tests.support.streams import NOW, Item, stream

pytestmark = pytest.mark.integration

DEADLINE = 60.0


def in_threads(*works: Callable[[], Any]) -> list[Any]:
    """Run these at the same time; their results, or the first one's error."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait(DEADLINE)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(DEADLINE) for future in [pool.submit(run, w) for w in works]]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def stored(engine: Engine) -> int:
    with engine.connect() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM event")).scalar_one()
        return count


@pytest.mark.parametrize("seed", range(3))
def test_four_writers_with_the_same_events_in_different_order(
    engine: Engine, session: Session, seed: int
) -> None:
    items = stream(seed, customers=add_customers(session, 3), length=120)

    def writer(number: int) -> list[str]:
        chance = random.Random(seed * 10 + number)
        left = chance.sample(items, len(items))
        statuses: list[str] = []
        while left:
            size = chance.choice([1, 3, 25])
            statuses += [verdict.status for verdict in record_batch(engine, left[:size])]
            left = left[size:]
        return statuses

    works = [lambda number=number: writer(number) for number in range(4)]
    statuses = [status for of_one in in_threads(*works) for status in of_one]

    assert statuses.count("accepted") == len(items)
    assert statuses.count("duplicate") == 3 * len(items)
    assert_agrees(session)


def test_a_hundred_posts_of_one_id_store_one_event(engine: Engine, session: Session) -> None:
    (customer,) = add_customers(session, 1)
    data = {"amount": 5, "invoice_id": "I"}
    with ThreadPoolExecutor(16) as pool:
        receipts = list(
            pool.map(
                lambda _: record(engine, customer, "payment", event_data=data, event_id="e"),
                range(100),
            )
        )
    assert sorted(receipt.duplicate for receipt in receipts) == [False] + [True] * 99
    assert stored(engine) == 1
    assert_agrees(session)


def test_events_of_one_ticket_from_many_writers(engine: Engine, session: Session) -> None:
    (customer,) = add_customers(session, 1)

    def writer(number: int) -> None:
        for step in range(15):
            status = "resolved" if (number + step) % 2 else "open"
            day = 1 + (number * 7 + step * 5) % 28
            record(
                engine,
                customer,
                "support_ticket",
                event_data={"ticket_id": f"T{step % 3}", "status": status, "satisfaction": 1},
                timestamp=f"2026-05-{day:02}T10:00:00Z",
            )

    in_threads(*(lambda n=n: writer(n) for n in range(4)))
    assert_agrees(session)


def test_a_refold_sees_what_it_waited_for(engine: Engine, session: Session) -> None:
    """The projection alone, without the counters that make writers wait even earlier."""
    (customer,) = add_customers(session, 1)
    record(engine, customer, "support_ticket", event_data={"ticket_id": "T"}, event_id="first")

    def project_one(session: Session, data: dict[str, Any]) -> None:
        event = EVENT_ADAPTER.validate_python(
            {"event_type": "support_ticket", "event_data": {"ticket_id": "T", **data}}
        )
        incoming = prepare(customer_id=customer, event=stated(event), source="test", now=NOW)
        insert_new(session, rows=[incoming.row])
        project(session, events=[incoming])

    with Session(engine) as ahead:
        ahead.connection().execute(text("SELECT 1 FROM support_ticket FOR UPDATE"))
        waiter = Thread(target=lambda: write(lambda s: project_one(s, {"priority": "high"})))
        waiter.start()
        until(lambda: blocked(engine) == 1)
        project_one(ahead, {"subject": "Export"})
        ahead.commit()
        waiter.join(DEADLINE)
    told = projected(session)["support_ticket"][customer, "T"]
    assert told[:2] == ("Export", "high")


def test_sources_first_seen_by_many_writers_at_once(engine: Engine, session: Session) -> None:
    customers = add_customers(session, 4)

    def writer(customer: int) -> None:
        for day in range(28, 0, -1):  # each one earlier than all before
            moment = f"2026-05-{day:02}T{customer % 24:02}:00:00Z"
            record(engine, customer, "login", timestamp=moment, event_id=f"e{day}")

    in_threads(*(lambda c=c: writer(c) for c in customers))
    assert_agrees(session)


def test_an_event_that_loses_its_id_to_another_moves_no_source(
    engine: Engine, session: Session
) -> None:
    """The loser has looked, and found the id free, before the winner commits."""
    (customer,) = add_customers(session, 1)
    record(engine, customer, "login", timestamp="2026-06-10T10:00:00Z")
    late = EVENT_ADAPTER.validate_python(
        {"event_type": "login", "event_id": "e", "timestamp": "2026-06-12T10:00:00Z"}
    )
    with Session(engine) as winner:
        record_event(winner, customer_id=customer, event=late, source="test", now=NOW)
        early = {"event_type": "login", "event_id": "e", "timestamp": "2026-06-01T10:00:00Z"}
        verdicts: list[Any] = []
        loser = Thread(target=lambda: verdicts.extend(record_batch(engine, [(customer, early)])))
        loser.start()
        until(lambda: blocked(engine) == 1)
        winner.commit()
        loser.join(DEADLINE)
    assert [verdict.status for verdict in verdicts] == ["conflict"]
    assert_agrees(session)


def test_batches_of_colliding_counters_wait_in_line(engine: Engine, session: Session) -> None:
    """Without a retry: rows that are written in key order never deadlock."""
    customers = add_customers(session, 4)

    def writer(number: int) -> None:
        chance = random.Random(number)
        for _ in range(8):
            items = [
                (
                    chance.choice(customers),
                    EVENT_ADAPTER.validate_python(
                        {"event_type": "feature_use", "event_data": {"feature_name": f"f{name}"}}
                    ),
                )
                for name in chance.sample(range(60), 48)
            ]
            with Session(engine) as recording:
                record_events(recording, items=items, source="test", now=NOW)
                recording.commit()

    in_threads(*(lambda n=n: writer(n) for n in range(4)))
    assert stored(engine) == 4 * 8 * 48
    assert_agrees(session)


def test_a_deadlock_is_retried(engine: Engine, session: Session) -> None:
    """Two transactions that each record for two customers, in opposite order."""
    one, two = add_customers(session, 2)
    login = EVENT_ADAPTER.validate_python({"event_type": "login"})
    record(engine, one, "login")
    record(engine, two, "login")
    halfway = Barrier(2)
    attempts = []

    def crossing(first: int, second: int) -> None:
        def work(session: Session) -> None:
            attempts.append(first)
            record_event(session, customer_id=first, event=login, source="test", now=NOW)
            if attempts.count(first) == 1:
                halfway.wait(DEADLINE)
            record_event(session, customer_id=second, event=login, source="test", now=NOW)

        write(work, engine=engine)

    in_threads(lambda: crossing(one, two), lambda: crossing(two, one))
    assert len(attempts) == 3, "PostgreSQL ended one of the two, and it ran again"
    assert stored(engine) == 6
    assert_agrees(session)


def test_an_event_waits_for_an_erasure_and_finds_nobody(engine: Engine, session: Session) -> None:
    (customer,) = add_customers(session, 1)
    outcome: list[BaseException] = []

    def late() -> None:
        try:
            record(engine, customer, "login")
        except UnknownCustomer as error:
            outcome.append(error)

    assert customer_queries.erase(session, customer_id=customer)
    writer = Thread(target=late)
    writer.start()
    until(lambda: blocked(engine) == 1)
    session.commit()
    writer.join(DEADLINE)
    assert len(outcome) == 1
    assert stored(engine) == 0


def blocked(engine: Engine) -> int:
    """Connections to this database that wait for a lock."""
    with engine.connect() as connection:
        count: int = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        ).scalar_one()
        return count


WRITER = """
import sys
from db.engine import get_engine
from tests.support.recording import record_batch
from tests.support.streams import stream

seed, length, *customers = map(int, sys.argv[1:])
items = stream(seed, customers=customers, length=length)
for start in range(0, length, 5):
    record_batch(get_engine(), items[start : start + 5])
"""


def writer_process(env: dict[str, str], customers: list[int], length: int) -> Any:
    arguments = [str(number) for number in (7, length, *customers)]
    return subprocess.Popen([sys.executable, "-W", "error", "-c", WRITER, *arguments], env=env)


def test_two_processes_with_the_same_events(
    engine: Engine, session: Session, server_env: dict[str, str]
) -> None:
    customers = add_customers(session, 3)
    writers = [writer_process(server_env, customers, 300) for _ in range(2)]
    assert [writer.wait(DEADLINE) for writer in writers] == [0, 0]
    assert stored(engine) == 300
    assert_agrees(session)


def test_a_writer_killed_in_the_middle_leaves_whole_transactions(
    engine: Engine, session: Session, server_env: dict[str, str]
) -> None:
    customers = add_customers(session, 3)
    length = 20_000
    writer = writer_process(server_env, customers, length)
    try:
        until(lambda: stored(engine) >= 50)
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait(DEADLINE)
    until(lambda: others(engine) == 0)

    assert 50 <= stored(engine) < length
    assert stored(engine) % 5 == 0
    assert_agrees(session)
    items: list[Item] = stream(7, customers=customers, length=length)[:400]
    statuses = [verdict.status for verdict in record_batch(engine, items)]
    assert "conflict" not in statuses
    assert_agrees(session)


def others(engine: Engine) -> int:
    """Transactions of other connections to this database that still run."""
    with engine.connect() as connection:
        count: int = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state <> 'idle' AND pid <> pg_backend_pid()"
            )
        ).scalar_one()
        return count
