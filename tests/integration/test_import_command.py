"""`import_csv.py` as people call it: real processes, killed ones too."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from db.embedded import EmbeddedServer
from settings import PROJECT_ROOT
from tests.support import recount
from tests.support.customers import add_customers
from tests.support.databases import administer

pytestmark = pytest.mark.integration

COMMAND = [sys.executable, str(PROJECT_ROOT / "import_csv.py")]
NOTE = "x" * 90
"""What makes a few thousand rows a file that several processes share."""


def run(env: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], env=env, capture_output=True, text=True, timeout=120
    )


def write_events(path: Path, customers: Sequence[int], rows: int, note: str = NOTE) -> Path:
    """Logins, API calls, payments and tickets of these customers, in time order."""
    kinds = ["login,,,", "api_call,/v1/orders,,", "payment,,9.5,I{0}", "support_ticket,,,"]
    with path.open("w", encoding="utf-8") as file:
        file.write("customer_id,timestamp,event_type,endpoint,amount,invoice_id,note\n")
        for number in range(rows):
            moment = f"2026-05-{1 + number * 28 // rows:02}T{number % 24:02}:{number % 60:02}:00Z"
            kind = kinds[number % len(kinds)].format(number % 500)
            customer = customers[number % len(customers)]
            file.write(f"{customer},{moment},{kind},{number}{note}\n")
    return path


def events(session: Session) -> int:
    session.rollback()
    count: int = session.connection().execute(text("SELECT count(*) FROM event")).scalar_one()
    return count


def test_tells_what_it_does_and_exits_accordingly(
    server_env: dict[str, str], engine: Engine, tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Company;Mail;Tier;Likes\nAcme;a@a.example;smb;tea\nBeta;b.example;smb;\n")
    done = run(server_env, people)
    assert done.returncode == 3, done.stderr
    assert "  segment = Tier\n" in done.stdout
    assert "  not imported: Likes\n" in done.stdout
    assert "2 rows in" in done.stdout
    assert "1 new, 0 there already, 0 changed, 1 rejected" in done.stdout
    assert "100%" in done.stderr
    mended = tmp_path / "people.rejected.csv"
    assert (
        mended.read_text()
        .splitlines()[1]
        .startswith("Beta;b.example;smb;;3;email: Input should be")
    )
    mended.write_text(mended.read_text().replace(";b.example;", ";b@b.example;"))
    assert run(server_env, mended).returncode == 0

    logins = tmp_path / "logins.csv"
    logins.write_text("who,what,at\na@a.example,login,2026-05-04T09:30:00Z\n")
    unknown = run(server_env, logins)
    assert unknown.returncode == 1
    assert "name it with --kind" in unknown.stderr
    mapped = ("--kind", "events", "--map", "email=who", "--map", "event_type=what")
    assert "timestamp, which events need" in run(server_env, logins, *mapped).stderr
    assert run(server_env, logins, *mapped, "--map", "timestamp=at").returncode == 0
    assert run(server_env, logins, "--map", "email").returncode == 2
    away = {**server_env, "DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/nothing"}
    broken = run(away, people)
    assert broken.returncode == 1
    assert "isn't available" in broken.stderr
    assert "secret" not in broken.stderr + broken.stdout
    assert "Traceback" not in broken.stderr


def test_a_killed_import_completes_when_it_is_run_again(
    server_env: dict[str, str], session: Session, tmp_path: Path
) -> None:
    """Killed twice at any moment; nothing is lost, and nothing counts twice."""
    rows = 20_000
    path = write_events(tmp_path / "events.csv", add_customers(session, 37), rows)
    distinct = len({line.rsplit(",", 1)[0] for line in path.read_text().splitlines()[1:]})
    chance = random.Random(3)
    for _ in range(2):
        before = events(session)
        process = subprocess.Popen(
            [*COMMAND, str(path)],
            env=server_env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while events(session) == before and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(chance.random() / 5)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = run(server_env, path)
    assert done.returncode == 0, done.stderr
    assert events(session) == distinct
    recount.assert_agrees(session)
    waiting = session.connection().execute(
        text("SELECT count(*) FROM rescore_queue WHERE queued_at > clock_timestamp()")
    )
    assert waiting.scalar_one() == 0, "scores wait although the import has ended"


def test_a_database_that_dies_ends_the_import_in_one_line(
    database_server: EmbeddedServer,
    server_env: dict[str, str],
    engine: Engine,
    session: Session,
    tmp_path: Path,
) -> None:
    path = write_events(tmp_path / "events.csv", add_customers(session, 37), 20_000)
    name = engine.url.database
    process = subprocess.Popen(
        [*COMMAND, str(path)], env=server_env, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not events(session) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    session.close()
    administer(database_server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    administer(
        database_server,
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1, told
    assert "The database isn't available" in told.splitlines()[-1]
    assert "Traceback" not in told
    administer(database_server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    engine.dispose()
    assert run(server_env, path).returncode == 0
    recount.assert_agrees(session)


def test_memory_does_not_follow_the_size_of_the_file(
    server_env: dict[str, str], engine: Engine, tmp_path: Path
) -> None:
    """80 MB more make no such difference (all processes' peak); some is never given back."""

    def peak_kilobytes(rows: int) -> int:
        path = write_events(tmp_path / f"{rows}.csv", [1], rows, note="x" * 1_950)
        process = subprocess.Popen(
            [*COMMAND, str(path)],
            env=server_env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = threading.Timer(60, process.kill)
        deadline.start()
        _, status, usage = os.wait4(process.pid, 0)
        deadline.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 3  # nobody has this customer: all go to the rejected rows
        assert (tmp_path / f"{rows}.rejected.csv").stat().st_size > path.stat().st_size
        return usage.ru_maxrss

    small, large = peak_kilobytes(20_000), peak_kilobytes(60_000)
    assert large < small + 40_000
