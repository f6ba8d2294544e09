"""`Idempotency-Key` on `POST /api/customers`: repeated, a request is answered, not done, again."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Barrier
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from api.main import create_app
from services.clock import utc_now
from services.idempotency import KEPT, Answer, Key, forget_expired, once
from services.leader import ScorerThread
from tests.api_server import serving
from tests.support.keys import bearer, make_key
from tests.support.replicas import Replicas
from tests.support.writers import PAUSE, until, until_longer

pytestmark = pytest.mark.integration

ACME: dict[str, Any] = {"name": "Acme", "email": "it@acme.example", "segment": "smb", "arr": 24000}
KEY = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'
KILLS = 6


@pytest.fixture
def api(engine: Engine) -> Iterator[httpx.Client]:
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def post(api: httpx.Client, key: str, **changes: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return api.post("/api/customers", json=ACME | changes, headers=headers)


def rows(engine: Engine, statement: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def said(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer that isn't about the one request."""
    own = {"date", "x-request-id"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return answer.status_code, answer.content, headers


def test_a_repetition_is_answered_as_the_first_time(api: httpx.Client, engine: Engine) -> None:
    first = post(api, KEY)
    assert first.status_code == 201
    api.patch(first.headers["location"], json={"name": "Changed"}).raise_for_status()
    again = post(api, KEY)
    assert said(again) == said(first)
    assert again.headers["location"] == f"/api/customers/{again.json()['id']}"
    assert rows(engine, "SELECT name FROM customer") == [("Changed",)]


def test_the_same_values_are_the_same_body(api: httpx.Client, engine: Engine) -> None:
    first = post(api, KEY, renewal_date="2027-03-31", arr=24000.0)
    backwards = {"renewal_date": "2027-03-31"} | dict(reversed(ACME.items()))
    again = api.post("/api/v1/customers", json=backwards, headers={"Idempotency-Key": KEY})
    assert said(again) == said(first)


def test_another_body_is_refused(api: httpx.Client, engine: Engine) -> None:
    post(api, KEY).raise_for_status()
    assert problem_of(post(api, KEY, name="Other")) == (422, "idempotency-key-reused")
    assert problem_of(post(api, KEY, owner="Ada")) == (422, "idempotency-key-reused")
    assert rows(engine, "SELECT name FROM customer") == [("Acme",)]


def test_a_refusal_is_not_kept(api: httpx.Client, engine: Engine) -> None:
    """It changed nothing: mended, the request may go through under the same key."""
    post(api, "first").raise_for_status()
    assert problem_of(post(api, KEY, name="Other")) == (409, "email-taken")
    assert problem_of(post(api, KEY, segment="none")) == (422, "invalid-input")
    assert post(api, KEY, email="other@acme.example").status_code == 201


def test_without_a_key_nothing_is_kept(api: httpx.Client, engine: Engine) -> None:
    api.post("/api/customers", json=ACME).raise_for_status()
    assert api.post("/api/customers", json=ACME).status_code == 409
    assert rows(engine, "SELECT * FROM idempotency_key") == []


def test_one_of_many_at_once_is_done(api: httpx.Client, engine: Engine) -> None:
    start = Barrier(20)

    def send(_: int) -> httpx.Response:
        start.wait(30)
        return post(api, KEY)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in done}) == 1
    others = [problem_of(answer) for answer in answers if answer.status_code != 201]
    assert set(others) <= {(409, "idempotency-key-in-flight")}
    assert rows(engine, "SELECT count(*) FROM customer") == [(1,)]


def test_while_the_first_is_under_way_the_second_is_refused(
    api: httpx.Client, engine: Engine
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE customer IN SHARE MODE"))
            first = pool.submit(post, api, KEY)
            until(lambda: bool(rows(engine, "SELECT 1 FROM pg_locks WHERE NOT granted")))
            assert problem_of(post(api, KEY)) == (409, "idempotency-key-in-flight")
            assert problem_of(post(api, KEY, name="x")) == (409, "idempotency-key-in-flight")
        assert first.result(30).status_code == 201
    assert post(api, KEY).content == first.result().content


@pytest.mark.parametrize(
    "key",
    ["", '""', '"', '"open', "a b", "a,b", '"a" "b"', '"a\\n"', "é", "x" * 256, f'"{"x" * 256}"'],
)
def test_what_cannot_be_a_key_is_refused(api: httpx.Client, engine: Engine, key: str) -> None:
    headers = {b"Idempotency-Key": key.encode()}
    answer = api.post("/api/customers", json=ACME, headers=headers)
    assert problem_of(answer) == (422, "invalid-input")
    assert answer.json()["errors"][0]["location"] == "header"
    assert rows(engine, "SELECT * FROM customer") == []


def test_two_keys_are_refused(api: httpx.Client) -> None:
    headers = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    assert api.post("/api/customers", json=ACME, headers=headers).status_code == 422


def test_the_longest_keys_and_escapes(api: httpx.Client, engine: Engine) -> None:
    keys = {f'"{"x" * 255}"': "x" * 255, "~" * 255: "~" * 255, r'"a\"\\ b"': 'a"\\ b'}
    for number, key in enumerate(keys):
        post(api, key, email=f"{number}@acme.example").raise_for_status()
    assert sorted(rows(engine, "SELECT key FROM idempotency_key")) == sorted(
        (key,) for key in keys.values()
    )


def test_erasing_the_customer_erases_what_was_said_of_it(api: httpx.Client, engine: Engine) -> None:
    first = post(api, KEY)
    api.delete(first.headers["location"]).raise_for_status()
    assert rows(engine, "SELECT * FROM idempotency_key") == []


numbers = count(1)


def answer() -> Answer:
    return Answer(next(numbers), 201, {"Location": "/x"}, "{}")


def test_callers_do_not_share_keys(api: httpx.Client, engine: Engine) -> None:
    mine = post(api, KEY)
    nightly = {"Idempotency-Key": KEY, **bearer(make_key(engine, "write"))}
    body = ACME | {"email": "other@acme.example"}
    theirs = api.post("/api/customers", json=body, headers=nightly)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert said(api.post("/api/customers", json=body, headers=nightly)) == said(theirs)
    assert said(post(api, KEY)) == said(mine)
    assert api.post("/api/customers", json=ACME, headers=nightly).status_code == 422


def test_a_key_is_free_again_after_a_day(session: Session) -> None:
    now = utc_now()

    def do(request: str, after: timedelta) -> Answer:
        key = Key("ada", "k")
        return once(session, key=key, request=request, now=now + after, work=answer)

    first = do("a", timedelta(0))
    assert do("a", KEPT) == first
    second = do("b", KEPT + timedelta(microseconds=1))
    assert second != first
    assert do("b", 2 * KEPT) == second


def test_the_scorer_removes_what_has_expired(engine: Engine, session: Session) -> None:
    now = utc_now()
    for number in range(5):
        key, long_ago = Key("ada", str(number)), now - KEPT * (0.9 + number / 10)
        once(session, key=key, request="", now=long_ago, work=answer)
    session.commit()
    thread = ScorerThread(now=lambda: now).start()
    try:
        left = "SELECT key FROM idempotency_key ORDER BY key"
        until(lambda: rows(engine, left) == [("0",), ("1",)])
    finally:
        thread.stop()
    assert forget_expired(session, now=now + KEPT) == 2


def test_killed_between_commit_and_answer_it_says_what_it_did(
    engine: Engine, server_env: dict[str, str]
) -> None:
    """Clients that repeat each request until it is answered, and an API that dies meanwhile."""
    with Replicas(server_env) as replicas:
        replica = replicas.start().ready()
        done: list[tuple[int, int]] = []
        lost: list[int] = []
        stopped = False

        def create(client_number: int) -> None:
            with httpx.Client(base_url=replica.url, timeout=30) as client:
                for number in count(client_number, 4):
                    if stopped:
                        return
                    done.append((number, until_answered(client, number)))

        def until_answered(client: httpx.Client, number: int) -> int:
            while True:
                try:
                    answer = post(client, f"k{number}", email=f"{number}@acme.example")
                except httpx.TransportError:
                    lost.append(number)
                    time.sleep(PAUSE)
                    continue
                if answer.status_code == 201:
                    return int(answer.json()["id"])
                assert problem_of(answer)[1] in {
                    "idempotency-key-in-flight",
                    "database-unavailable",
                }

        with ThreadPoolExecutor(4) as pool:
            clients = [pool.submit(create, number) for number in range(4)]
            for _ in range(KILLS):
                until_longer(done, 6)
                replica.kill()
                replica = replicas.start(replica.port).ready()
            stopped = True
            for client in clients:
                client.result(60)
        unscored = "SELECT count(*) FROM customer_health WHERE as_of IS NULL"
        until(lambda: rows(engine, unscored) == [(0,)])
        assert lost
    stored = rows(engine, "SELECT id, email FROM customer")
    assert sorted(stored) == sorted((id_, f"{number}@acme.example") for number, id_ in done)
