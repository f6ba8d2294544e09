"""The API while its database is away, busy, slow or not migrated: 503 soon, and then well."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from api.main import create_app
from db.engine import POOL_OVERFLOW, POOL_SECONDS, POOL_SIZE
from tests.api_server import running_api, serving

pytestmark = pytest.mark.integration

STATEMENT_SECONDS = 3
HELD_UP = 8 * POOL_SIZE
ACME = {"name": "Acme", "email": "it@acme.example", "segment": "smb"}


@pytest.fixture
def api(engine: Engine) -> Iterator[httpx.Client]:
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def assert_unavailable(response: httpx.Response) -> None:
    assert response.status_code == 503, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) > 0


def wait_for(client: httpx.Client, status: int) -> httpx.Response:
    deadline = time.monotonic() + 30
    while True:
        response = client.get("/health/ready")
        if response.status_code == status:
            return response
        assert time.monotonic() < deadline, response.text
        time.sleep(0.1)


def ask_everything(client: httpx.Client) -> list[httpx.Response]:
    return [
        client.get("/api/customers"),
        client.get("/api/customers/1"),
        client.get("/api/customers/1/health"),
        client.get("/api/customers/1/events"),
        client.get("/api/dashboard/stats"),
        client.post("/api/customers", json=ACME),
        client.patch("/api/customers/1", json={"name": "x"}),
        client.delete("/api/customers/1"),
        client.post("/api/customers/1/events", json={"event_type": "login"}),
    ]


def test_a_database_that_is_not_migrated_is_not_ready(api: httpx.Client, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    started = time.monotonic()
    answer = api.get("/health/ready")
    assert time.monotonic() - started < 2
    assert_unavailable(answer)
    assert answer.json()["type"].endswith("database-unmigrated")
    for response in ask_everything(api):
        assert_unavailable(response)
    assert api.get("/health").status_code == 200


def test_a_database_without_a_scoring_model_is_not_ready(api: httpx.Client, engine: Engine) -> None:
    """As between the two transactions of a first start, which another replica may be in."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM scoring_model"))
    assert_unavailable(api.get("/health/ready"))
    assert_unavailable(api.post("/api/customers", json=ACME))


def test_more_requests_than_connections_end_soon(api: httpx.Client, engine: Engine) -> None:
    held = [engine.connect() for _ in range(POOL_SIZE + POOL_OVERFLOW)]
    try:
        started = time.monotonic()
        assert_unavailable(api.get("/health/ready"))
        assert time.monotonic() - started < 2
        assert_unavailable(api.get("/api/customers"))
    finally:
        for connection in held:
            connection.close()
    assert api.get("/api/customers").status_code == 200


def test_a_statement_that_takes_too_long_is_given_up(
    database_url: str, server_env: dict[str, str], engine: Engine
) -> None:
    impatient = make_url(database_url).update_query_dict(
        {"options": "-c statement_timeout=300"}, append=True
    )
    environment = server_env | {"DATABASE_URL": impatient.render_as_string(hide_password=False)}
    with running_api(environment) as url, httpx.Client(base_url=url, timeout=30) as client:
        client.post("/api/customers", json=ACME).raise_for_status()
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE customer IN ACCESS EXCLUSIVE MODE"))
            assert_unavailable(client.get("/api/customers/1/events"))
            event = {"event_type": "login"}
            assert_unavailable(client.post("/api/customers/1/events", json=event))
        assert client.post("/api/customers/1/events", json=event).status_code == 201


def test_requests_that_a_lock_holds_up_end_in_the_configured_time(
    database_url: str, server_env: dict[str, str], engine: Engine
) -> None:
    """Far more of them than threads and connections, and none waits for another's time limit."""
    impatient = make_url(database_url).update_query_dict(
        {"options": f"-c statement_timeout={STATEMENT_SECONDS}s"}, append=True
    )
    environment = server_env | {"DATABASE_URL": impatient.render_as_string(hide_password=False)}
    with running_api(environment) as url, httpx.Client(base_url=url, timeout=60) as client:
        client.post("/api/customers", json=ACME).raise_for_status()
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE customer IN ACCESS EXCLUSIVE MODE"))
            connection.execute(text("LOCK TABLE customer_health IN ACCESS EXCLUSIVE MODE"))
            with ThreadPoolExecutor(HELD_UP) as pool:
                held_up = [pool.submit(ask_for_customers, url, number) for number in range(HELD_UP)]
                assert client.get("/health").status_code == 200
                for seconds, answer in [future.result(60) for future in held_up]:
                    assert_unavailable(answer)
                    assert seconds < POOL_SECONDS + STATEMENT_SECONDS + 4
        with ThreadPoolExecutor(HELD_UP) as pool:
            for _, answer in pool.map(partial(ask_for_customers, url), range(HELD_UP)):
                assert answer.status_code in {200, 201}, answer.text


def ask_for_customers(url: str, number: int) -> tuple[float, httpx.Response]:
    """How long one of many clients, each with a connection of its own, waits, and what it hears."""
    with httpx.Client(base_url=url, timeout=60) as client:
        started = time.monotonic()
        match number % 4:
            case 0:
                answer = client.get("/api/customers/1")
            case 1:
                answer = client.get("/api/customers")
            case 2:
                answer = client.patch("/api/customers/1", json={"owner": "Ada"})
            case _:
                answer = client.post("/api/customers/1/events", json={"event_type": "login"})
    return time.monotonic() - started, answer


def test_the_api_starts_and_goes_on_without_its_database(server_env: dict[str, str]) -> None:
    """Away at the start (nothing listens), so it serves 503 and stops when told."""
    environment = server_env | {"DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/none"}
    with running_api(environment) as url, httpx.Client(base_url=url, timeout=30) as client:
        assert client.get("/health").json() == {"status": "ok"}
        started = time.monotonic()
        assert_unavailable(client.get("/health/ready"))
        assert time.monotonic() - started < 2
        for response in ask_everything(client):
            assert_unavailable(response)


def test_the_api_recovers_when_its_connections_are_killed(
    server_env: dict[str, str], engine: Engine
) -> None:
    with running_api(server_env) as url, httpx.Client(base_url=url, timeout=30) as client:
        client.post("/api/customers", json=ACME).raise_for_status()
        with engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        wait_for(client, 200)
        assert client.get("/api/customers").status_code == 200


def test_stopping_answers_what_is_under_way_and_leaves_nothing(
    server_env: dict[str, str], engine: Engine
) -> None:
    with running_api(server_env) as url:
        httpx.post(f"{url}/api/customers", json=ACME).raise_for_status()
    with engine.connect() as connection:
        others = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
        ).scalar_one()
    assert others == 0


def test_the_api_prepares_a_database_that_arrives_late(
    server_env: dict[str, str], engine: Engine
) -> None:
    url = engine.url.set(database="late_arrival")
    environment = server_env | {"DATABASE_URL": url.render_as_string(hide_password=False)}
    administrator = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with (
        administrator,
        running_api(environment) as address,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        assert_unavailable(client.get("/health/ready"))
        administrator.execute(text("CREATE DATABASE late_arrival TEMPLATE template0"))
        wait_for(client, 200)
        client.post("/api/customers", json=ACME).raise_for_status()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE late_arrival WITH (FORCE)"))


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_URL", "sqlite:///x.db"), ("SCORING_MODEL", "unheard")]
)
def test_a_wrong_setting_stops_the_start_with_one_line(
    server_env: dict[str, str], name: str, value: str
) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "uvicorn", "api.main:app", "--port", "0"],
        env=server_env | {name: value},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode != 0
    assert result.stderr.startswith(f"Configuration error: {name}")
    assert len(result.stderr.strip().splitlines()) == 1
