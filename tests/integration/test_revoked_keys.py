"""A key that is remembered ends all the same: by word, with the connection, and after a second."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import Engine, text

from api import key_lookup
from api.key_lookup import KeyLookup
from api.main import create_app
from db.session import write
from services import api_keys
from services.clock import utc_now
from settings import Settings
from tests.api_server import running_api, serving
from tests.support.actors import TESTER
from tests.support.keys import bearer, make_key

pytestmark = pytest.mark.integration

SECONDS = 15.0
FOR_EVER = 3600.0


@pytest.fixture
def api(engine: Engine) -> Iterator[httpx.Client]:
    """Nobody gets in without a key."""
    with (
        serving(create_app(Settings(api_auth="keys"))) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def status(api: httpx.Client, key: str) -> int:
    return api.get("/", headers=bearer(key)).status_code


def revoke(engine: Engine, key: str) -> None:
    prefix = key.split("_")[1]
    write(lambda s: api_keys.revoke(s, by=TESTER, prefix=prefix, now=utc_now()), engine=engine)


def revoke_without_a_word(engine: Engine, key: str) -> None:
    """As a pooler has it that passes no notification on."""
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE api_key SET revoked_at = now() WHERE prefix = :prefix"),
            {"prefix": key.split("_")[1]},
        )


def end_connections(engine: Engine) -> None:
    with engine.begin() as connection:
        ended = connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        assert ended.rowcount


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_revoking_reaches_every_process(engine: Engine, server_env: dict[str, str]) -> None:
    with ExitStack() as running:
        environment = {**server_env, "API_AUTH": "keys"}
        replicas = [
            running.enter_context(
                httpx.Client(base_url=running.enter_context(running_api(environment)), timeout=30)
            )
            for _ in range(2)
        ]
        for _ in range(20):
            key, other = make_key(engine, "read"), make_key(engine, "read")
            for replica in replicas * 2:
                assert (status(replica, key), status(replica, other)) == (200, 200)
            revoke(engine, key)
            for replica in replicas:
                until(lambda replica=replica, key=key: status(replica, key) == 401)  # type: ignore[misc]
                assert (status(replica, key), status(replica, other)) == (401, 200)


def test_word_of_it_is_enough(
    api: httpx.Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_lookup, "REMEMBERED_SECONDS", FOR_EVER)
    key = make_key(engine, "read")
    assert status(api, key) == 200
    revoke(engine, key)
    until(lambda: status(api, key) == 401)


def test_no_answer_from_before_outlives_the_word(
    api: httpx.Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each word makes all keys be asked for anew, while the next one is on its way."""
    monkeypatch.setattr(key_lookup, "REMEMBERED_SECONDS", FOR_EVER)
    keys = [make_key(engine, "read") for _ in range(40)]
    done = threading.Event()

    def ask_all_the_time() -> None:
        with httpx.Client(base_url=api.base_url, timeout=30) as client:
            while not done.is_set():
                for key in keys:
                    status(client, key)

    askers = [threading.Thread(target=ask_all_the_time) for _ in range(3)]
    for asker in askers:
        asker.start()
    try:
        for key in keys:
            revoke(engine, key)
        until(lambda: all(status(api, key) == 401 for key in keys))
    finally:
        done.set()
        for asker in askers:
            asker.join()


def test_with_the_connection_goes_what_was_remembered(
    api: httpx.Client, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_lookup, "REMEMBERED_SECONDS", FOR_EVER)
    key = make_key(engine, "read")
    assert status(api, key) == 200
    revoke_without_a_word(engine, key)
    assert status(api, key) == 200, "it is remembered"
    end_connections(engine)
    until(lambda: status(api, key) == 401)


def test_a_connection_lost_on_the_way_to_another_key_takes_all_with_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_lookup, "REMEMBERED_SECONDS", FOR_EVER)
    key, other = (make_key(engine, "read").split("_")[1] for _ in range(2))

    async def is_revoked() -> bool:
        lookup = KeyLookup()
        try:
            assert await lookup.find(key)
            # Nothing is heard of it before the other one is looked up: the loop stands still.
            revoke_without_a_word(engine, f"chk_{key}_")
            end_connections(engine)
            assert await lookup.find(other)
            stored = await lookup.find(key)
            return stored is not None and stored.revoked_at is not None
        finally:
            await lookup.close()

    assert asyncio.run(is_revoked())


def test_nothing_is_remembered_for_long(api: httpx.Client, engine: Engine) -> None:
    key = make_key(engine, "read")
    assert status(api, key) == 200
    revoke_without_a_word(engine, key)
    until(lambda: status(api, key) == 401)
