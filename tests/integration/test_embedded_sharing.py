"""One healthy database, however many use it and however they or it die."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from db.embedded.account import Account
from db.embedded.processes import postmaster_pid
from db.engine import dispose_engine, get_engine
from db.session import is_unavailable, read
from settings import get_settings
from tests.integration.embedded_processes import User, alive, make_data_dir

pytestmark = pytest.mark.integration


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A DATA_DIR that every account can reach."""
    with tempfile.TemporaryDirectory(prefix="customer-health-tests-") as path:
        Path(path).chmod(0o755)
        yield make_data_dir(Path(path, "data"))


def _server(data_dir: Path) -> int | None:
    return postmaster_pid(data_dir / "postgresql" / "data")


def _until(what: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_two_at_once_share_one_server_and_the_last_one_stops_it(data_dir: Path) -> None:
    users = [User(data_dir) for _ in range(3)]
    for user in users:
        user.ready()
    server = _server(data_dir)
    assert server is not None
    users[0].run("CREATE TABLE seen AS SELECT 1 AS x")
    assert [user.run("SELECT x FROM seen") for user in users] == [[(1,)]] * 3
    users[0].leave()
    users[1].leave()
    assert _server(data_dir) == server
    users[2].leave()
    assert not alive(server)


def test_a_killed_user_does_not_keep_the_server(data_dir: Path) -> None:
    killed, user = User(data_dir).ready(), User(data_dir).ready()
    server = _server(data_dir)
    assert server is not None
    killed.kill()
    user.leave()
    assert not alive(server)


def test_the_server_of_a_killed_starter_is_joined_and_stopped(data_dir: Path) -> None:
    first = User(data_dir).ready()
    server = _server(data_dir)
    assert server is not None
    first.kill()
    assert alive(server)
    second = User(data_dir).ready()
    assert _server(data_dir) == server
    second.leave()
    assert not alive(server)


def test_a_killed_server_comes_back_with_what_was_committed(data_dir: Path) -> None:
    for round_number in range(3):
        user = User(data_dir).ready()
        user.run("CREATE TABLE IF NOT EXISTS kept (n int)")
        user.run(f"INSERT INTO kept VALUES ({round_number})")
        server = _server(data_dir)
        assert server is not None
        os.kill(server, signal.SIGKILL)
        user.kill()  # at once: the next start meets the old server's children and files
        again = User(data_dir).ready()
        assert again.run("SELECT count(*) FROM kept") == [(round_number + 1,)]
        again.leave()


def test_a_start_killed_anywhere_is_mended_by_the_next(data_dir: Path) -> None:
    for delay in (0.2, 0.5, 0.8, 1.1):
        user = User(data_dir)
        time.sleep(delay)  # whatever it was doing then: another place each time
        user.kill()
    user = User(data_dir).ready()
    assert user.run("SELECT 1") == [(1,)]
    server = _server(data_dir)
    assert server is not None
    user.leave()
    assert not alive(server)


def test_a_killed_start_may_still_remove_its_files_while_the_next_takes_the_folder(
    tmp_path: Path,
) -> None:
    remove = "while :; do mkdir draft && touch draft/1 draft/2 draft/3; rm -rf draft; done"
    with subprocess.Popen(["/bin/sh", "-c", remove], cwd=tmp_path) as left_over:
        try:
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline:
                Account(os.getuid(), os.getgid()).own(tmp_path)
        finally:
            left_over.kill()


def test_a_stale_pid_file_that_names_another_live_process(data_dir: Path) -> None:
    User(data_dir).ready().leave()
    data = data_dir / "postgresql" / "data"
    other = os.getpid()
    (data / "postmaster.pid").write_text(f"{other}\n{data}\n0\n5432\n{data.parent}\n\n0 0\nready\n")
    user = User(data_dir).ready()
    assert _server(data_dir) != other
    user.leave()
    assert alive(other)


def test_the_engine_finds_its_server_again_by_itself(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    get_settings.cache_clear()
    dispose_engine()
    try:
        get_engine()
        with read() as session:
            assert session.execute(text("SELECT 1")).scalar_one() == 1
        server = _server(data_dir)
        assert server is not None
        os.kill(server, signal.SIGKILL)
        _until(lambda: not alive(server))

        def answers() -> bool:
            try:
                with read() as session:
                    return bool(session.execute(text("SELECT 1")).scalar_one() == 1)
            except OperationalError as error:
                if not is_unavailable(error):
                    raise
                return False

        assert not answers(), "the first question meets a dead server"
        _until(answers)
        assert _server(data_dir) not in {None, server}
    finally:
        dispose_engine()
        get_settings.cache_clear()
    assert _server(data_dir) is None
