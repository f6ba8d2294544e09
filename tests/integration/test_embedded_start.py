"""The embedded database starts wherever a newcomer may put it, as whoever they are."""

import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.embedded.binaries import installed_programs
from db.embedded.home import ELSEWHERE
from tests.integration.embedded_processes import USERS, User, make_data_dir, permissions

pytestmark = pytest.mark.integration


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every account can pass through (pytest's own is closed)."""
    with tempfile.TemporaryDirectory(prefix="customer-health-tests-") as path:
        Path(path).chmod(0o755)
        yield Path(path)


def _elsewhere(data_dir: Path) -> Path:
    return ELSEWHERE / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]


@pytest.mark.parametrize("who", USERS)
def test_starts_and_keeps_its_data(folder: Path, who: str) -> None:
    data_dir = make_data_dir(folder / 'it\'s "my" $data, ü', who)
    above = permissions(data_dir)
    listing = sorted(folder.iterdir())
    first = User(data_dir, who).ready()
    first.run("CREATE TABLE kept AS SELECT 42 AS answer")
    first.leave()
    second = User(data_dir, who).ready()
    assert second.run("SELECT answer FROM kept") == [(42,)]
    second.leave()
    assert permissions(data_dir) == above
    assert sorted(folder.iterdir()) == listing


@pytest.mark.parametrize("who", USERS)
def test_only_its_account_can_enter_and_no_network_leads_in(folder: Path, who: str) -> None:
    data_dir = make_data_dir(folder / "data", who)
    user = User(data_dir, who).ready()
    assert Path(user.host) == data_dir / "postgresql"
    home = Path(user.host).stat()
    assert stat.S_IMODE(home.st_mode) == 0o700
    assert home.st_uid != 0
    assert user.run("SHOW listen_addresses") == [("",)]
    user.leave()


def test_is_set_up_the_same_on_every_host(folder: Path) -> None:
    user = User(make_data_dir(folder / "data")).ready()
    names = ("fsync", "jit", "shared_buffers", "work_mem", "max_connections", "TimeZone")
    found = {name: user.run(f"SHOW {name}")[0][0] for name in names}
    locale = user.run(
        "SELECT pg_encoding_to_char(encoding), datlocprovider::text, datlocale FROM pg_database "
        "WHERE datname = current_database()"
    )
    sorting = user.run("SELECT string_agg(x, ' ' ORDER BY x) FROM unnest('{b,a,B,ä,A}'::text[]) x")
    user.leave()
    assert found == {
        "fsync": "on",
        "jit": "off",
        "shared_buffers": "256MB",
        "work_mem": "16MB",
        "max_connections": "100",
        "TimeZone": "UTC",
    }
    assert locale == [("UTF8", "b", "C.UTF-8")]
    assert sorting == [("A B a b ä",)]


def test_a_path_too_long_for_a_socket(folder: Path) -> None:
    user = User(make_data_dir(folder / ("long" * 30))).ready()
    sockets = Path(user.host)
    assert len(user.host) < 60
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert user.run("SELECT 1") == [(1,)]
    user.leave()
    assert not sockets.exists()


@pytest.mark.parametrize("who", USERS)
def test_under_a_closed_folder(folder: Path, who: str) -> None:
    """Its owner can use it as it is; root's server can't, so the data goes where it can."""
    closed = make_data_dir(folder / "closed", who)
    closed.chmod(0o700)
    data_dir = make_data_dir(closed / "data", who)
    elsewhere = _elsewhere(data_dir)
    above = permissions(data_dir)
    try:
        first = User(data_dir, who).ready()
        first.run("CREATE TABLE kept AS SELECT 42 AS answer")
        said = first.leave()
        second = User(data_dir, who).ready()
        assert second.run("SELECT answer FROM kept") == [(42,)]
        second.leave()
        if who == "root":
            assert said.count("\n") == 1
            assert f"DATA_DIR {data_dir}" in said
            assert str(elsewhere) in said
            assert first.host == str(elsewhere)
        else:
            assert said == ""
            assert first.host == str(data_dir / "postgresql")
        assert permissions(data_dir) == above
        # Opened later: the database is still the one that holds the data.
        closed.chmod(0o755)
        third = User(data_dir, who).ready()
        assert third.run("SELECT answer FROM kept") == [(42,)]
        third.leave()
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)


def test_programs_under_a_closed_folder(folder: Path) -> None:
    """A clone in root's home brings its programs along where the server's account can't go."""
    closed = make_data_dir(folder / "closed")
    package = installed_programs().parent.parent
    for part in package.parent.glob(f"{package.name}*"):  # with its libraries and its version
        shutil.copytree(part, closed / part.name, symlinks=True)
    if os.geteuid() == 0:
        closed.chmod(0o700)
    # A version of its own, so that the copy is made now and is nobody else's.
    (metadata,) = closed.glob("*.dist-info/METADATA")
    label = f"test.{os.getpid()}"
    metadata.write_text(
        re.sub(r"(?m)^(Version: .*)$", rf"\1+{label}", metadata.read_text(), count=1)
    )
    try:
        user = User(make_data_dir(folder / "data"), python_path=str(closed)).ready()
        assert user.run("SELECT 1") == [(1,)]
        assert bool(set(ELSEWHERE.glob(f"*+{label}"))) is (os.geteuid() == 0)
        user.leave()
    finally:
        for copied in ELSEWHERE.glob(f"*+{label}"):
            shutil.rmtree(copied)


def test_a_closed_data_dir_of_roots_own(folder: Path) -> None:
    data_dir = make_data_dir(folder / "data")
    data_dir.chmod(0o700)
    user = User(data_dir).ready()
    assert user.host == str(data_dir / "postgresql")
    user.leave()


@pytest.mark.parametrize("who", USERS)
def test_another_version_of_postgresql_is_one_clear_line(folder: Path, who: str) -> None:
    data_dir = make_data_dir(folder / "data", who)
    User(data_dir, who).ready().leave()
    (data_dir / "postgresql" / "data" / "PG_VERSION").write_text("17\n")
    said = User(data_dir, who).refusal()
    assert "\n" not in said
    assert str(data_dir) in said
    assert "PostgreSQL 17" in said


def test_a_data_dir_that_is_a_file_is_one_clear_line(folder: Path) -> None:
    (folder / "data").write_text("")
    said = User(folder / "data").refusal()
    assert "\n" not in said
    assert f"DATA_DIR {folder / 'data'}" in said


def test_a_data_dir_of_somebody_else_is_one_clear_line(folder: Path) -> None:
    """What root has started belongs to the server's account; an ordinary user can't join."""
    data_dir = make_data_dir(folder / "data")
    User(data_dir).ready().leave()
    home = data_dir / "postgresql"
    if os.geteuid() != 0:
        home.chmod(0o000)
    said = User(data_dir, "ordinary user").refusal()
    home.chmod(0o700)
    assert "\n" not in said
    assert f"DATA_DIR {data_dir}" in said


def test_a_server_that_does_not_start_says_why(folder: Path) -> None:
    data_dir = make_data_dir(folder / "data")
    User(data_dir).ready().leave()
    (data_dir / "postgresql" / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    said = User(data_dir).refusal()
    assert "\n" not in said
    assert f"DATA_DIR {data_dir}" in said
    assert "postgresql.conf" in said
