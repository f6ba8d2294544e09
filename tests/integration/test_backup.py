"""`backup.py` and `restore.py`: under load, killed half-way, and with files that are broken."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, make_url, text
from sqlmodel import Session

import backup
import restore
from db.archives import Archive, ArchiveError
from db.base import Base
from db.client_programs import ProgramsTooOldError, client_programs
from db.embedded import EmbeddedServer
from db.embedded.binaries import installed_programs
from db.engine import dispose_engine, get_engine, make_engine
from db.restoring import RestoreError
from db.session import read, write
from services import backups, demo
from services.clock import utc_day, utc_now
from services.health import explain_many
from services.scorer import drain
from settings import PROJECT_ROOT, get_settings
from tests.api_server import running_api
from tests.support.actors import TESTER
from tests.support.customers import add_customers
from tests.support.databases import administer
from tests.support.recount import assert_agrees
from tests.support.writers import Writers, until

pytestmark = pytest.mark.integration

AS_OF = date(2026, 5, 4)
CHANGED_BY_RESTORING = {"rescore_queue", "audit_log"}
MANY = 40_000


def command(name: str, *arguments: object, env: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(PROJECT_ROOT / name), *map(str, arguments)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(process: "subprocess.Popen[str]") -> str:
    """What it said, once it has succeeded."""
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return said


@pytest.fixture
def elsewhere(database_server: EmbeddedServer) -> Iterator[str]:
    """The URL of a database without a table."""
    name = "restored"
    administer(database_server, f"CREATE DATABASE {name} TEMPLATE template0")
    yield database_server.url.set(database=name).render_as_string(hide_password=False)
    administer(database_server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def configured(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """This process works on another database for a while."""
    for moved in (url, os.environ["DATABASE_URL"]):
        monkeypatch.setenv("DATABASE_URL", moved)
        get_settings.cache_clear()
        dispose_engine()
        if moved is url:
            yield get_engine()


SCHEMA = text("""
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger ORDER BY 1
""")


def everything(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table, as text, and what the tables are kept in order by."""
    found = {}
    with engine.connect() as connection:
        for table in Base.metadata.tables:
            rows = connection.execute(text(f"SELECT t::text FROM {table} AS t ORDER BY 1"))
            found[table] = list(rows.scalars())
        found["schema"] = list(connection.execute(SCHEMA).scalars())
    return found


def live_scores(ids: list[int]) -> list[Any]:
    now = utc_now().replace(hour=23, minute=0, second=0, microsecond=0)
    with read() as session:
        return list(explain_many(session, customer_ids=ids, now=now).values())


def partials(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.endswith(backups.UNFINISHED)]


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def fill(session: Session) -> list[int]:
    """A customer with enough events that they take a moment to write and to load."""
    ids = add_customers(session, 1)
    session.execute(
        text("""
        INSERT INTO event (customer_id, event_id, event_type, occurred_at, received_at, source,
                           data, content_hash)
        SELECT :id, n, 'login', now(), now(), 'api', jsonb_build_object('a', md5(n::text) ||
               md5((-n)::text)), sha256(n::text::bytea)
        FROM generate_series(1, :many) AS n
    """),
        {"id": ids[0], "many": MANY},
    )
    session.commit()
    return ids


def test_under_load_and_restored_into_an_embedded_database(
    session: Session, server_env: dict[str, str], tmp_path: Path
) -> None:
    customers = add_customers(session, 5)
    file = tmp_path / "health.dump"
    with running_api(server_env) as url, Writers(url, customers) as writers:
        writers.progress(40)
        before = set(writers.acknowledged)
        said = done(command("backup.py", file, env=server_env))
        writers.progress(10)
    assert said.startswith("Backed up 5 customers and ")
    assert file.stat().st_mode & 0o777 == 0o600
    assert partials(tmp_path) == []
    with tempfile.TemporaryDirectory(prefix="customer-health-tests-") as folder:
        Path(folder).chmod(0o711)
        env = {**server_env, "DATA_DIR": folder}
        del env["DATABASE_URL"]
        assert done(command("restore.py", file, env=env)).startswith("Restored 5 customers and ")
        with closing(EmbeddedServer(Path(folder))) as server:
            engine = make_engine(server.url)
            with Session(engine) as restored:
                found = restored.execute(text("SELECT customer_id, event_id FROM event")).all()
                assert before <= {(row[0], row[1]) for row in found}
                assert_agrees(restored)
            engine.dispose()


def test_every_row_and_every_score_comes_back(
    engine: Engine, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(lambda session: demo.load(session, by=TESTER, customers=8, days=40, as_of=AS_OF))
    write(lambda session: drain(session, now=utc_now()))
    before = everything(engine)
    ids = [int(row.strip("(").split(",")[0]) for row in before["customer"]]
    scores = live_scores(ids)
    made = backups.back_up(tmp_path, now=utc_now())
    assert made.path.name.startswith(f"customer-health-{utc_day(utc_now()):%Y%m%d}T")
    with configured(elsewhere, monkeypatch) as there:
        counts = backups.restore(made.path, replace=None, by=TESTER, now=utc_now())
        after = everything(there)
        assert live_scores(ids) == scores
        (new,) = write(lambda session: add_customers(session, 1))
        assert new > max(ids), "sequences go on where they were"
    assert counts["alembic_version"] == 1
    assert all(counts[table] == len(before[table]) for table in Base.metadata.tables)
    assert len(before["health_snapshot"]) > 100
    for table in before.keys() - CHANGED_BY_RESTORING:
        assert after[table] == before[table], table
    added = set(after["audit_log"]) - set(before["audit_log"])
    assert [f"database:{make_url(elsewhere).database}" in row for row in added] == [True]


def test_a_backup_killed_half_way_leaves_nothing_under_its_name(
    session: Session, database_url: str, server_env: dict[str, str], tmp_path: Path
) -> None:
    fill(session)
    secret = make_url(database_url).set(password="s3cret").render_as_string(hide_password=False)
    file = tmp_path / "health.dump"
    process = command("backup.py", file, env=server_env | {"DATABASE_URL": secret})
    until(lambda: any(path.stat().st_size for path in partials(tmp_path)))
    (dumping,) = children(process.pid)
    os.kill(dumping, signal.SIGSTOP)
    said = Path(f"/proc/{dumping}/cmdline").read_text()
    assert "pg_dump" in said
    assert "s3cret" not in said
    process.kill()
    process.communicate()
    os.kill(dumping, signal.SIGCONT)
    until(lambda: not Path(f"/proc/{dumping}/cmdline").exists())
    assert not file.exists()
    for partial in partials(tmp_path):
        partial.unlink()
    assert f"1 customers and {MANY:,} events" in done(command("backup.py", file, env=server_env))


def test_a_restore_killed_half_way_leaves_the_database_as_it_was(
    engine: Engine,
    session: Session,
    server_env: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(session)
    file = backups.back_up(tmp_path / "health.dump", now=utc_now()).path
    session.execute(text("DELETE FROM event"))
    add_customers(session, 1)
    before = everything(engine)
    name = str(engine.url.database)
    process = command("restore.py", file, "--replace", name, env=server_env)
    loading = text("""
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = :name AND state = 'active' AND query LIKE 'COPY public.event %'
    """)

    def copying() -> bool:
        session.rollback()
        return bool(session.execute(loading, {"name": name}).scalar_one())

    until(copying)
    process.kill()
    process.communicate()
    session.rollback()
    assert everything(engine) == before
    with pytest.raises(backups.BackupRefused, match=f"{name} is not empty"):
        backups.restore(file, replace=None, by=TESTER, now=utc_now())
    with pytest.raises(backups.BackupRefused, match=f"named {name}, not other"):
        backups.restore(file, replace="other", by=TESTER, now=utc_now())
    assert everything(engine) == before
    done(command("restore.py", file, "--replace", name, env=server_env))
    assert len(everything(engine)["event"]) == MANY


def test_a_broken_file_is_one_line_and_changes_nothing(
    engine: Engine, session: Session, tmp_path: Path
) -> None:
    add_customers(session, 50)
    before = everything(engine)
    whole = backups.back_up(tmp_path / "whole.dump", now=utc_now()).path.read_bytes()
    middle = len(whole) - 2_000
    broken = {
        "short": whole[:middle],
        "damaged": whole[:middle] + bytes(8) + whole[middle + 8 :],
        "other": b"id,name\n1,Acme\n",
        "empty": b"",
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises((ArchiveError, RestoreError)) as refused:
            backups.restore(tmp_path / name, replace=engine.url.database, by=TESTER, now=utc_now())
        assert "\n" not in str(refused.value)
        with pytest.raises(ArchiveError):
            Archive(tmp_path / name, installed_programs()).counts()
    assert everything(engine) == before


def test_what_cannot_be_done_is_one_line(
    engine: Engine,
    elsewhere: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "there.dump").write_text("mine")
    for main, argument, url, reason in (
        (backup.main, tmp_path / "there.dump", None, "exists already: nothing is overwritten"),
        (backup.main, tmp_path / "no" / "folder.dump", None, "No such file or directory"),
        (backup.main, tmp_path, elsewhere, "nothing to back up"),
        (backup.main, tmp_path, "postgresql://me:s3cret@127.0.0.1:1/x", "isn't available"),
        (restore.main, tmp_path / "none.dump", None, "is not a file"),
    ):
        with configured(url or os.environ["DATABASE_URL"], monkeypatch):
            assert main([str(argument)]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert reason in said.err
        assert said.err.count("\n") == 1
        assert "s3cret" not in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["there.dump"]
    assert (tmp_path / "there.dump").read_text() == "mine"


def test_a_server_newer_than_the_programs_is_one_line() -> None:
    assert (client_programs(15) / "pg_restore").exists()
    with pytest.raises(ProgramsTooOldError, match=r"PostgreSQL 99, and the newest pg_dump .* 18"):
        client_programs(99)


def test_the_image_and_make_have_them() -> None:
    for name in ("backup.py", "restore.py"):
        assert f" {name} " in Path(PROJECT_ROOT, "Dockerfile").read_text()
        assert name in Path(PROJECT_ROOT, "Makefile").read_text()
