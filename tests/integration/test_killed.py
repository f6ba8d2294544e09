"""SIGKILL under load: what was acknowledged is there, once, counted and scored."""

import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from db.embedded import EmbeddedServer
from db.embedded.processes import PROC, is_server, postmaster_pid
from db.engine import POOL_SIZE, make_engine
from db.migrate import migrate
from tests.api_server import running_api, wait_until_fresh
from tests.support.customers import add_customers
from tests.support.databases import environment_on
from tests.support.recount import assert_agrees
from tests.support.replicas import Replicas
from tests.support.writers import Writers, until

pytestmark = pytest.mark.integration

API_KILLS = 20
DATABASE_KILLS = 10
BACK_SECONDS = 5.0
ACME = {"name": "Acme", "email": "it@acme.example", "segment": "smb"}


def assert_kept(engine: Engine, session: Session, writers: Writers) -> None:
    """Every acknowledged event is stored exactly once, nothing else is, and counters agree."""
    assert writers.wordless == [], writers.wordless[0].text
    assert len(set(writers.acknowledged)) == len(writers.acknowledged)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT customer_id, event_id FROM event")).all()
    assert sorted(map(tuple, rows)) == sorted(writers.acknowledged)
    assert_agrees(session)


def assert_scored(engine: Engine, url: str, customers: list[int]) -> None:
    """Nobody waits, and what the list says of each customer is its live score."""
    with httpx.Client(base_url=url, timeout=30) as client:
        for customer in customers:
            wait_until_fresh(client, customer)

    def waiting() -> int:
        with engine.connect() as connection:
            found: int = connection.execute(text("SELECT count(*) FROM rescore_queue")).scalar_one()
            return found

    until(lambda: waiting() == 0)


def test_an_api_that_is_killed_over_and_over_loses_nothing(
    engine: Engine, session: Session, server_env: dict[str, str]
) -> None:
    customers = add_customers(session, 5)
    chance = random.Random(4)
    with Replicas(server_env) as replicas:
        replica = replicas.start().ready()
        with Writers(replica.url, customers) as writers:
            for _ in range(API_KILLS):
                writers.progress(chance.randrange(1, 25))
                time.sleep(chance.random() / 100)  # anywhere between two answers
                replica.kill()
                replica = replicas.start(replica.port).ready()
            writers.progress(20)
        assert_kept(engine, session, writers)
        assert writers.lost >= API_KILLS, "each kill met requests under way"
        assert_scored(engine, replica.url, customers)


@pytest.fixture
def own_server() -> Iterator[EmbeddedServer]:
    """A PostgreSQL that nobody else uses, with its durable settings."""
    with tempfile.TemporaryDirectory(prefix="customer-health-tests-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedServer(Path(folder))
        yield server
        server.close()


def test_a_database_that_is_killed_over_and_over_loses_nothing(
    own_server: EmbeddedServer,
) -> None:
    """The API is told where the database is: somebody else brings it back."""
    url = own_server.url
    engine = make_engine(url)
    migrate(engine)
    environment = environment_on(url.render_as_string(hide_password=False))
    with running_api(environment) as address, httpx.Client(base_url=address, timeout=30) as client:
        with Session(engine) as session:
            customers = add_customers(session, 5)
        with Writers(address, customers) as writers:
            for _ in range(DATABASE_KILLS):
                writers.progress(20)
                kill_database(own_server)
                writers.refusals(8)
                assert client.get("/health").status_code == 200
                own_server.ensure_running()
                back = time.monotonic()
                writers.progress(1)
                assert time.monotonic() - back <= BACK_SECONDS
        assert writers.lost == 0
        engine.dispose()
        with Session(engine) as session:
            assert_kept(engine, session, writers)
        assert_scored(engine, address, customers)
    engine.dispose()


@contextmanager
def frozen(server: EmbeddedServer) -> Iterator[None]:
    """A PostgreSQL that keeps its connections and says nothing, as on a host that hangs."""
    data = Path(str(server.url.query["host"])) / "data"
    pids = [int(path.name) for path in PROC.glob("[0-9]*") if is_server(int(path.name), data)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def test_a_database_that_hangs_is_told_from_a_process_that_does(
    own_server: EmbeddedServer,
) -> None:
    """More requests than threads wait for it; the process still lives, and says it isn't ready."""
    environment = environment_on(own_server.url.render_as_string(hide_password=False))
    with running_api(environment) as address, httpx.Client(base_url=address, timeout=60) as client:
        customer = client.post("/api/customers", json=ACME).raise_for_status().json()["id"]
        path = f"/api/customers/{customer}"
        with ThreadPoolExecutor(40) as pool:
            with frozen(own_server):
                asked = [pool.submit(client.get, path) for _ in range(40)]
                until(lambda: sum(future.done() for future in asked) >= 40 - POOL_SIZE)
                started = time.monotonic()
                assert client.get("/health").status_code == 200
                assert client.get("/health/ready").status_code == 503
                assert time.monotonic() - started < 2
            codes = [future.result(60).status_code for future in asked]
        assert set(codes) <= {200, 503}
        assert 503 in codes
        until(lambda: client.get("/health/ready").status_code == 200)
        assert client.get(path).status_code == 200


def kill_database(server: EmbeddedServer) -> None:
    """SIGKILL to PostgreSQL itself; its children end when they notice."""
    pid = postmaster_pid(Path(str(server.url.query["host"])) / "data")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
