"""One scorer at a time, whoever dies: real threads, real processes, a real advisory lock."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from db.queries import queue, rescore
from services import leader
from services.clock import utc_now
from services.customers import delete
from services.leader import ScorerThread
from services.scorer import drain
from tests.support.actors import TESTER
from tests.support.scoring_facts import (
    NOW,
    TODAY,
    add_activity,
    add_customer,
    ago,
    connect,
    run,
    snapshots,
    stored,
    waiting,
)

pytestmark = pytest.mark.integration

DEADLINE = 30.0
PROCESS = """
import sys
from services.leader import start_scorer
scorer = start_scorer()
sys.stdin.readline()
scorer.stop()
"""


def eventually(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


@contextmanager
def scorer_process(env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS], stdin=subprocess.PIPE, env=env, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


@contextmanager
def scorer_thread(now: Callable[[], datetime] = utc_now) -> Iterator[ScorerThread]:
    thread = ScorerThread(now=now).start()
    try:
        yield thread
    finally:
        thread.stop()


def leaders(engine: Engine) -> list[int]:
    """The database's sessions that hold the lead."""
    held = (
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with Session(engine) as session:
        return list(run(session, held).scalars())


def sessions(engine: Engine) -> set[int]:
    """The database's clients."""
    open_ = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend'"
    )
    with Session(engine) as session:
        return set(run(session, open_).scalars())


def is_scored(engine: Engine, customer_id: int) -> Callable[[], bool]:
    def look() -> bool:
        with Session(engine) as session:
            return stored(session, customer_id)["as_of"] is not None and not waiting(session)

    return look


def queued_customer(engine: Engine, name: str) -> int:
    with Session(engine) as session:
        customer_id = add_customer(session, name)
        queue.enqueue(session, entries=[(customer_id, utc_now().date())])
        session.commit()
        return customer_id


def test_the_second_process_takes_over_when_the_first_is_killed(
    engine: Engine, server_env: dict[str, str]
) -> None:
    with scorer_process(server_env) as first:
        eventually(is_scored(engine, queued_customer(engine, "first")), "the first scores")
        (holder,) = leaders(engine)
        before = sessions(engine)
        with scorer_process(server_env) as second:
            eventually(lambda: bool(sessions(engine) - before), "the second asks for the lead")
            assert leaders(engine) == [holder]
            os.kill(first.pid, signal.SIGKILL)
            eventually(is_scored(engine, queued_customer(engine, "second")), "the second scores")
            assert len(leaders(engine)) == 1
            assert leaders(engine) != [holder]
            assert second.poll() is None
            assert second.stdin
            second.stdin.write("\n")
            second.stdin.flush()
            assert second.wait(DEADLINE) == 0
    eventually(lambda: leaders(engine) == [], "nobody leads any more")


def test_an_entry_that_commits_late_is_not_lost(engine: Engine) -> None:
    with Session(engine) as early, Session(engine) as late:
        slow, quick = add_customer(early, "slow"), add_customer(early, "quick")
        connect(early)
        early.commit()
        # The older transaction has the lower id in the queue and commits last.
        add_activity(late, slow, "login", ago(0), 20)
        queue.enqueue(late, entries=[(slow, TODAY)])
        queue.enqueue(early, entries=[(quick, TODAY)])
        early.commit()
        assert drain(early, now=NOW) == 1
        early.commit()
        assert stored(early, slow)["as_of"] is None
        late.commit()
        assert drain(early, now=NOW) == 1
        early.commit()
        assert stored(early, slow)["factor_scores"]["login_frequency"] == 100


def test_what_commits_while_a_batch_is_scored_is_scored_after_it(engine: Engine) -> None:
    with Session(engine) as session:
        customer_id = add_customer(session)
        connect(session)
        queue.enqueue(session, entries=[(customer_id, TODAY)])
        session.commit()
        assert drain(session, now=NOW) == 1
        with Session(engine) as writer:  # neither side waits for the other
            run(writer, "SELECT 1 FROM customer FOR KEY SHARE")
            add_activity(writer, customer_id, "login", ago(0), 20)
            queue.enqueue(writer, entries=[(customer_id, TODAY)])
            writer.commit()
        session.commit()
        assert stored(session, customer_id)["factor_scores"]["login_frequency"] == 0
        assert drain(session, now=NOW) == 1
        session.commit()
        assert stored(session, customer_id)["factor_scores"]["login_frequency"] == 100


def test_erasure_during_scoring_leaves_no_orphan(engine: Engine) -> None:
    with Session(engine) as session, Session(engine) as eraser:
        customer_id, other = add_customer(session, "erased"), add_customer(session, "kept")
        session.commit()
        queue.enqueue_everybody(session, day=ago(3))
        drain(session, now=NOW)

        def erase() -> None:
            delete(eraser, by=TESTER, customer_id=customer_id)
            eraser.commit()

        erasing = threading.Thread(target=erase)
        erasing.start()
        with Session(engine) as watcher:
            blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            eventually(lambda: bool(run(watcher, blocked).scalar()), "erasure waits for scoring")
        session.commit()
        erasing.join(DEADLINE)
        assert not erasing.is_alive()
        assert snapshots(session, customer_id) == {}
        assert len(snapshots(session, other)) == 4


def test_scoring_waits_for_an_erasure_under_way_and_finds_nothing(engine: Engine) -> None:
    with Session(engine) as eraser, Session(engine) as session:
        customer_id = add_customer(eraser)
        queue.enqueue(eraser, entries=[(customer_id, TODAY)])
        eraser.commit()
        run(eraser, "DELETE FROM customer WHERE id = :id", id=customer_id)

        def score() -> None:
            drain(session, now=NOW)
            session.commit()

        scoring = threading.Thread(target=score)
        scoring.start()
        blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        with Session(engine) as watcher:
            eventually(lambda: bool(run(watcher, blocked).scalar()), "scoring waits for erasure")
        run(eraser, "DELETE FROM customer_health")
        eraser.commit()
        scoring.join(DEADLINE)
        assert snapshots(session, customer_id) == {}


def test_erasure_does_not_deadlock_with_scoring_that_took_the_entry(engine: Engine) -> None:
    with Session(engine) as eraser, Session(engine) as session, Session(engine) as watcher:
        customer_id = add_customer(session)
        queue.enqueue(session, entries=[(customer_id, TODAY), (customer_id, ago(1))])
        session.commit()
        (entry,) = queue.take(session, limit=1)
        delete(eraser, by=TESTER, customer_id=customer_id)

        def lock() -> None:
            lives = rescore.lock(session, waiting={customer_id: entry.day}, today=TODAY)
            assert lives == []
            session.commit()

        scoring = threading.Thread(target=lock)
        scoring.start()
        blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        eventually(lambda: bool(run(watcher, blocked).scalar()), "scoring waits for erasure")
        eraser.commit()
        scoring.join(DEADLINE)
        assert not scoring.is_alive()
        assert waiting(session) == 0


def test_everybody_is_scored_at_the_start_and_after_each_utc_midnight(engine: Engine) -> None:
    with Session(engine) as session:
        customer_id = add_customer(session)
        session.commit()
    moments = [NOW]

    def scored_as_of(now: datetime) -> Callable[[], bool]:
        def look() -> bool:
            with Session(engine) as session:
                return bool(stored(session, customer_id)["as_of"] == now.date())

        return look

    with scorer_thread(lambda: moments[-1]):
        eventually(scored_as_of(NOW), "scored at the start")
        moments.append(NOW + timedelta(days=3))
        eventually(scored_as_of(moments[-1]), "scored after midnight")
    with Session(engine) as session:
        assert list(snapshots(session, customer_id)) == [
            TODAY + timedelta(days=n) for n in range(4)
        ]
        assert waiting(session) == 0


def test_the_lead_survives_the_loss_of_its_connection(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with scorer_thread() as thread:
        eventually(lambda: thread.leads, "the thread leads")
        (holder,) = leaders(engine)
        with Session(engine) as session:
            run(session, "SELECT pg_terminate_backend(:pid)", pid=holder)
        eventually(lambda: leaders(engine) not in ([], [holder]), "the thread leads again")
        eventually(is_scored(engine, queued_customer(engine, "after")), "it scores again")
    # A closed connection's session ends a moment later, on the server's side.
    eventually(lambda: leaders(engine) == [], "the lead is handed over")
    assert not thread.leads
    said = [record.getMessage() for record in caplog.records if record.name == leader.__name__]
    assert len(said) == 1
    assert "waits for the database" in said[0]


def test_an_error_in_scoring_loses_nothing_and_stops_nobody(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with Session(engine) as session:  # a definition that this version can't read
        run(session, "UPDATE scoring_model SET definition = '{}' WHERE active")
        session.commit()
    customer_id = queued_customer(engine, "patient")
    with scorer_thread() as thread:
        eventually(lambda: "scoring failed" in caplog.text, "the error is told")
        assert thread.leads
        with Session(engine) as session:
            assert waiting(session) == 1
            run(
                session,
                "UPDATE scoring_model SET definition ="
                " (SELECT definition FROM scoring_model WHERE NOT active LIMIT 1) WHERE active",
            )
            session.commit()
        eventually(is_scored(engine, customer_id), "it scores after all")
    assert caplog.text.count("scoring failed") == 1
