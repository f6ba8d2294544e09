"""Reads can't write; writes commit once, and again after losing a race."""

import threading

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from db.engine import make_engine
from db.session import is_unavailable, read, write

pytestmark = pytest.mark.integration


def _count(session: Session) -> int:
    return session.execute(text("SELECT count(*) FROM connected_source")).scalar_one()


def _insert(session: Session, signal: str = "login") -> None:
    session.execute(
        text("INSERT INTO connected_source VALUES (:signal, '2026-01-01', '2026-01-01')"),
        {"signal": signal},
    )


def test_a_read_can_not_write(engine: Engine) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"), read() as session:
        _insert(session)
    # … and the connection that served it is an ordinary one again.
    write(_insert)


def test_a_read_sees_one_moment(engine: Engine) -> None:
    with read() as session:
        assert _count(session) == 0
        write(_insert)
        assert _count(session) == 0
    with read() as session:
        assert _count(session) == 1


def test_a_failed_write_leaves_nothing(engine: Engine) -> None:
    def work(session: Session) -> None:
        _insert(session)
        raise KeyError("after the insert")

    with pytest.raises(KeyError):
        write(work)
    with read() as session:
        assert _count(session) == 0


def test_a_deadlock_is_retried_until_both_commit(engine: Engine) -> None:
    write(lambda session: _insert(session, "login"))
    write(lambda session: _insert(session, "api_call"))
    both_hold_their_first_row = threading.Barrier(2)
    first_attempts: set[str] = set()
    failures: list[BaseException] = []

    def move(first: str, second: str) -> None:
        def work(session: Session) -> None:
            lock = text("UPDATE connected_source SET first_day = first_day + 1 WHERE signal = :s")
            session.execute(lock, {"s": first})
            if first not in first_attempts:
                first_attempts.add(first)
                both_hold_their_first_row.wait(timeout=20)
            session.execute(lock, {"s": second})

        try:
            write(work)
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=move, args=pair)
        for pair in (("login", "api_call"), ("api_call", "login"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not failures
    with read() as session:
        days = session.execute(text("SELECT DISTINCT first_day::text FROM connected_source"))
        assert days.scalars().all() == ["2026-01-03"]


def test_a_slow_statement_counts_as_unavailable(engine: Engine) -> None:
    with read() as session:
        session.execute(text("SET LOCAL statement_timeout = '50ms'"))
        with pytest.raises(DBAPIError) as slow:
            session.execute(text("SELECT pg_sleep(10)"))
    assert is_unavailable(slow.value)


def test_a_mistake_of_ours_does_not(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as wrong, read() as session:
        session.execute(text("SELECT * FROM nowhere"))
    assert not is_unavailable(wrong.value)
    assert not is_unavailable(KeyError("x"))


def test_every_connection_is_set_to_utc_with_a_limit(engine: Engine) -> None:
    with read() as session:
        assert session.execute(text("SHOW timezone")).scalar_one() == "UTC"
        assert session.execute(text("SHOW statement_timeout")).scalar_one() == "15s"
        idle = session.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one()
        assert idle == "1min"


def test_who_hangs_in_a_transaction_gives_its_locks_back(engine: Engine) -> None:
    soon = "-c idle_in_transaction_session_timeout=300ms"
    hanging = make_engine(engine.url.update_query_dict({"options": soon}))
    with hanging.connect() as forgotten, engine.connect() as other:
        forgotten.execute(text("LOCK TABLE customer"))
        other.execute(text("LOCK TABLE customer"))  # waits for it, and within its own limit
        with pytest.raises(DBAPIError) as ended:
            forgotten.execute(text("SELECT 1"))
    assert is_unavailable(ended.value)
    hanging.dispose()


def test_a_host_that_vanishes_is_noticed(engine: Engine) -> None:
    connection = engine.raw_connection()
    asked = connection.driver_connection.info.dsn_parameters  # type: ignore[union-attr]
    connection.close()
    silent = int(asked["keepalives_idle"])
    silent += int(asked["keepalives_interval"]) * int(asked["keepalives_count"])
    assert silent <= 30
    assert int(asked["tcp_user_timeout"]) <= 30_000


def test_an_error_does_not_repeat_the_data_it_was_about(engine: Engine) -> None:
    with pytest.raises(DBAPIError, match="division by zero") as failed, read() as session:
        session.execute(text("SELECT CAST(:name AS text), 1 / 0"), {"name": "Ada Miller"})
    assert "Ada" not in str(failed.value)


def test_writes_are_read_committed_whatever_the_server_prefers(
    engine: Engine, session: Session
) -> None:
    name = session.connection().execute(text("SELECT current_database()")).scalar_one()
    session.connection().execute(
        text(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    )
    session.commit()
    engine.dispose()  # a database's defaults are for new connections

    def level(session: Session) -> str:
        found: str = session.connection().execute(text("SHOW transaction_isolation")).scalar_one()
        return found

    for _ in range(2):
        assert write(level) == "read committed"
        with read() as reading:
            assert level(reading) == "repeatable read"
