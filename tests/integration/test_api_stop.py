"""SIGTERM with requests under way: each is answered, and the process ends well and in time."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlmodel import Session

from api.__main__ import GRACE_SECONDS
from db.engine import POOL_SECONDS, STATEMENT_SECONDS
from settings import PROJECT_ROOT
from tests.support.ports import free_port
from tests.support.recount import assert_agrees
from tests.support.writers import until

pytestmark = pytest.mark.integration

UNDER_WAY = 50
LOGIN = {"event_type": "login"}


def test_the_grace_period_is_longer_than_any_request() -> None:
    assert GRACE_SECONDS > POOL_SECONDS + STATEMENT_SECONDS


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """`python -m api`, ready; its address and its process."""
    port = free_port()
    command = [sys.executable, "-m", "api", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, env=environment, cwd=PROJECT_ROOT)
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{url}/health/ready"))
        yield url, process
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def table_locks(engine: Engine) -> Iterator[threading.Event]:
    """Whatever needs a customer waits, until the event is set."""
    release = threading.Event()

    def hold() -> None:
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE customer IN ACCESS EXCLUSIVE MODE"))
            held.set()
            release.wait(60)

    held = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(30)
        yield release
    finally:
        release.set()
        thread.join()


def send(url: str, number: int) -> int:
    """What one of many clients, each with a connection of its own, hears."""
    with httpx.Client(base_url=url, timeout=60) as client:
        if number % 2:
            return client.post(f"{url}/api/customers/1/events", json=LOGIN).status_code
        customer = {"name": "Acme", "email": f"{number}@acme.example", "segment": "smb"}
        return client.post("/api/customers", json=customer).status_code


@pytest.mark.parametrize("in_time", [True, False], ids=["finished", "refused"])
def test_fifty_requests_under_way_are_answered(
    engine: Engine, session: Session, database_url: str, server_env: dict[str, str], in_time: bool
) -> None:
    impatient = make_url(database_url).update_query_dict(
        {"options": "-c statement_timeout=2s"}, append=True
    )
    environment = server_env | {"DATABASE_URL": impatient.render_as_string(hide_password=False)}
    with serving(environment) as (url, process):
        first = {"name": "First", "email": "first@acme.example", "segment": "smb"}
        httpx.post(f"{url}/api/customers", json=first).raise_for_status()
        with table_locks(engine) as release, ThreadPoolExecutor(UNDER_WAY) as pool:
            sent = [pool.submit(send, url, number) for number in range(UNDER_WAY)]
            until(lambda: waiting(engine) >= 20)
            time.sleep(0.3)  # until those that wait for a turn have come in, too
            process.send_signal(signal.SIGTERM)
            stopping = time.monotonic()
            until(lambda: not answers(f"{url}/health"))
            if in_time:
                release.set()
            codes = [future.result(60) for future in sent]
            # The scorer waits for the lock as well.
            release.set()
        assert process.wait(60) == 0
        assert time.monotonic() - stopping < GRACE_SECONDS
    assert set(codes) <= {201, 503}
    session.rollback()
    stored = session.connection().execute(text("SELECT count(*) FROM customer")).scalar_one()
    assert stored == 1 + codes[::2].count(201)
    stored = session.connection().execute(text("SELECT count(*) FROM event")).scalar_one()
    assert stored == codes[1::2].count(201)
    assert (codes.count(201) == UNDER_WAY) is in_time, codes
    assert_agrees(session)


def waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        found: int = connection.execute(
            text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        ).scalar_one()
        return found
