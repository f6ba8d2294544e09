"""Events that share a commit: each has its own answer, and no neighbour's fate."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from api.main import create_app
from settings import PROJECT_ROOT
from tests.api_server import running_api, serving
from tests.support.customers import add_customers
from tests.support.ports import free_port
from tests.support.recount import assert_agrees

pytestmark = pytest.mark.integration

DEADLINE = 60.0
LOGIN: dict[str, Any] = {"event_type": "login", "event_data": {"user_id": "ada"}}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def customers(session: Session) -> list[int]:
    return add_customers(session, 3)


@pytest.fixture
def api(engine: Engine, customers: list[int]) -> Iterator[httpx.Client]:
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


class Sender:
    """Posts from many threads at once."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.pool = ThreadPoolExecutor(40)

    def post(self, customer: int, **envelope: Any) -> "Future[httpx.Response]":
        path = f"/api/customers/{customer}/events"
        return self.pool.submit(self.client.post, path, json={**LOGIN, **envelope})


def rows(engine: Engine, statement: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


@contextmanager
def table_lock(engine: Engine, table: str) -> Iterator[None]:
    """Whoever comes has to wait, so that the next ones gather behind it."""
    with engine.begin() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        yield


def test_events_that_come_together_share_a_transaction(
    api: httpx.Client, engine: Engine, session: Session, customers: list[int]
) -> None:
    sender = Sender(api)
    api.post(f"/api/customers/{customers[0]}/events", json=LOGIN)
    with table_lock(engine, "event"):
        sent = [sender.post(customers[number % 3]) for number in range(30)]
        until(lambda: bool(rows(engine, "SELECT 1 FROM pg_locks WHERE NOT granted")))
        time.sleep(0.1)
    assert {future.result(DEADLINE).status_code for future in sent} == {201}
    shared = rows(engine, "SELECT count(*) FROM event GROUP BY xmin ORDER BY 1 DESC LIMIT 1")
    assert shared[0][0] > 1
    assert_agrees(session)


def test_each_gets_its_own_answer(
    api: httpx.Client, engine: Engine, session: Session, customers: list[int]
) -> None:
    sender, customer = Sender(api), customers[0]
    expected: list[tuple[Future[httpx.Response], set[int]]] = []
    for number in range(40):
        contested = {"event_id": f"e{number // 2}", "event_type": "support_ticket"}
        expected += [
            (sender.post(customer, event_id=f"e{number}"), {201, 409}),
            (sender.post(4711), {404}),
            (sender.post(customer, timestamp="2999-01-01T00:00:00Z"), {422}),
            (sender.post(customer, event_id="same"), {200, 201}),
            (sender.post(customer, **contested), {200, 201, 409}),
        ]
    for future, allowed in expected:
        answer = future.result(DEADLINE)
        assert answer.status_code in allowed, answer.text
        if answer.status_code in {200, 201}:
            assert answer.json()["duplicate"] == (answer.status_code == 200)
    same = [future.result() for future, allowed in expected if allowed == {200, 201}]
    assert sorted(answer.status_code for answer in same) == [200] * 39 + [201]
    assert_agrees(session)


def test_a_hundred_posts_of_one_id_at_once(
    api: httpx.Client, engine: Engine, session: Session, customers: list[int]
) -> None:
    """Each over a connection of its own; two of three say the same, the others something else."""
    start = Barrier(100)
    path = f"/api/customers/{customers[0]}/events"

    def post(number: int) -> tuple[str, httpx.Response]:
        user = "ada" if number % 3 else f"other{number % 2}"
        event = {**LOGIN, "event_data": {"user_id": user}, "event_id": "e"}
        with httpx.Client(base_url=api.base_url, timeout=30) as client:
            client.get("/health").raise_for_status()
            start.wait(DEADLINE)
            return user, client.post(path, json=event)

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(post, range(100)))
    (winner,) = [user for user, answer in answers if answer.status_code == 201]
    for user, answer in answers:
        assert answer.status_code in ({200, 201} if user == winner else {409}), answer.text
    data = rows(engine, "SELECT event_id, data ->> 'user_id' FROM event")
    assert data == [("e", winner)]
    assert_agrees(session)


def test_a_poisonous_event_fails_alone(
    api: httpx.Client, engine: Engine, session: Session, customers: list[int]
) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE event ADD CHECK (event_id NOT LIKE 'poison%')"))
    sender = Sender(api)
    with table_lock(engine, "event"):
        sent = [sender.post(customers[0], event_id=f"e{number}") for number in range(20)]
        poisonous = [sender.post(customers[1], event_id=f"poison{n}") for n in range(2)]
        sent += [sender.post(customers[2], event_id=f"f{number}") for number in range(10)]
        time.sleep(0.2)
    assert {future.result(DEADLINE).status_code for future in sent} == {201}
    assert {future.result(DEADLINE).status_code for future in poisonous} == {500}
    assert rows(engine, "SELECT count(*) FROM event") == [(30,)]
    assert_agrees(session)


def test_a_customer_that_somebody_locks_holds_up_nobody_else(
    api: httpx.Client, engine: Engine, session: Session, customers: list[int]
) -> None:
    sender = Sender(api)
    with engine.begin() as connection:
        connection.execute(
            text("SELECT 1 FROM customer WHERE id = :id FOR UPDATE"), {"id": customers[0]}
        )
        held = sender.post(customers[0])
        others = [sender.post(customers[1 + number % 2]) for number in range(20)]
        assert {future.result(DEADLINE).status_code for future in others} == {201}
        assert not held.done()
    assert held.result(DEADLINE).status_code == 201
    assert_agrees(session)


def test_who_waits_for_its_turn_too_long_hears_so(
    api: httpx.Client, engine: Engine, session: Session, customers: list[int]
) -> None:
    """A database that does nothing: those in a transaction wait for it, the others don't."""
    sender = Sender(api)
    api.post(f"/api/customers/{customers[0]}/events", json=LOGIN).raise_for_status()
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS"
                " 'BEGIN PERFORM pg_sleep(8); RETURN NULL; END'"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER doze AFTER INSERT ON event FOR EACH STATEMENT"
                " EXECUTE FUNCTION doze()"
            )
        )
    first = sender.post(customers[0])
    until(lambda: bool(rows(engine, "SELECT 1 FROM pg_stat_activity WHERE wait_event='PgSleep'")))
    started = time.monotonic()
    late = [sender.post(customers[1]) for _ in range(5)]
    for future in late:
        answer = future.result(DEADLINE)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert time.monotonic() - started < 7
    assert first.result(DEADLINE).status_code == 201
    assert rows(engine, "SELECT count(*) FROM event") == [(2,)]


def test_a_client_that_has_gone_does_no_harm(
    api: httpx.Client, engine: Engine, session: Session, customers: list[int]
) -> None:
    impatient = httpx.Client(base_url=api.base_url, timeout=0.05)
    with table_lock(engine, "event"):
        for number in range(5):
            path = f"/api/customers/{customers[0]}/events"
            with pytest.raises(httpx.ReadTimeout):
                impatient.post(path, json={**LOGIN, "event_id": f"gone{number}"})
        impatient.close()
        patient = Sender(api).post(customers[1])
    assert patient.result(DEADLINE).status_code == 201
    until(lambda: rows(engine, "SELECT count(*) FROM event") == [(6,)])
    assert_agrees(session)


def test_it_survives_the_loss_of_its_connection(
    api: httpx.Client, engine: Engine, session: Session, customers: list[int]
) -> None:
    path = f"/api/customers/{customers[0]}/events"
    assert api.post(path, json=LOGIN).status_code == 201
    rows(
        engine,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    answers = [api.post(path, json=LOGIN).status_code for _ in range(3)]
    assert set(answers) <= {201, 503}
    assert answers[-1] == 201
    assert rows(engine, "SELECT count(*) FROM event") == [(1 + answers.count(201),)]
    assert_agrees(session)


class Load:
    """Posts one event after the other until the server is gone; knows what was acknowledged."""

    def __init__(self, url: str, customers: list[int]) -> None:
        self.url, self.customers = url, customers
        self.acknowledged: list[str] = []
        self.refused: list[int] = []
        self.pool = ThreadPoolExecutor(8)
        self.running = [self.pool.submit(self._send, number) for number in range(8)]

    def _send(self, sender: int) -> None:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            for number in range(100_000):
                event_id = f"{sender}-{number}"
                path = f"/api/customers/{self.customers[number % 3]}/events"
                try:
                    answer = client.post(path, json={**LOGIN, "event_id": event_id})
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    self.acknowledged.append(event_id)
                else:
                    self.refused.append(answer.status_code)

    def ended(self) -> bool:
        return not wait(self.running, DEADLINE).not_done


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_acknowledged_is_lost_when_the_process_ends(
    engine: Engine,
    session: Session,
    customers: list[int],
    server_env: dict[str, str],
    how: signal.Signals,
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "api", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--log-level", "warning"], env=server_env, cwd=PROJECT_ROOT
    )
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: _ready(url))
        load = Load(url, customers)
        until(lambda: len(load.acknowledged) > 200)
        process.send_signal(how)
        assert load.ended()
        code = process.wait(DEADLINE)
    finally:
        process.kill()
        process.wait()
    if how is signal.SIGTERM:
        assert code == 0
        assert load.refused == []
    until(lambda: rows(engine, "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle'"
                       " AND datname = current_database()") == [(1,)])  # fmt: skip
    stored = {row[0] for row in rows(engine, "SELECT event_id FROM event")}
    assert set(load.acknowledged) <= stored
    assert_agrees(session)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_several_processes_take_the_same_ids_singly_and_in_bulk(
    engine: Engine, session: Session, customers: list[int], server_env: dict[str, str]
) -> None:
    ids = [(customer, f"e{number}") for number in range(25) for customer in customers]
    with running_api(server_env) as one, running_api(server_env) as two:
        clients = [httpx.Client(base_url=url, timeout=60) for url in (one, two)]
        single, bulk = [], []
        with ThreadPoolExecutor(12) as pool:
            for client in clients:
                items = [{**LOGIN, "customer_id": c, "event_id": e} for c, e in ids]
                body = {"events": items}
                bulk += [pool.submit(client.post, "/api/events", json=body) for _ in range(2)]
                for customer, event_id in ids:
                    path = f"/api/customers/{customer}/events"
                    event = {**LOGIN, "event_id": event_id}
                    single.append(pool.submit(client.post, path, json=event))
        for client in clients:
            client.close()
    accepted = sum(future.result().json()["accepted"] for future in bulk)
    codes = [future.result().status_code for future in single]
    assert set(codes) <= {200, 201}
    assert {future.result().status_code for future in bulk} == {200}
    assert accepted + codes.count(201) == len(ids)
    assert rows(engine, "SELECT count(*) FROM event") == [(len(ids),)]
    assert_agrees(session)
