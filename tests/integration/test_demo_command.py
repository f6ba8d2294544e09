"""`seed.py` as people call it: real processes, readable answers."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from settings import PROJECT_ROOT

pytestmark = pytest.mark.integration

SMALL = ("--customers", "4", "--days", "20")


def seed(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT_ROOT / "seed.py"), *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )


def customers(session: Session) -> int:
    count: int = session.connection().execute(text("SELECT count(*) FROM customer")).scalar_one()
    session.rollback()  # an open transaction would keep --reset waiting
    return count


def test_loads_with_a_progress_bar_once_and_again_on_reset(
    server_env: dict[str, str], session: Session
) -> None:
    first = seed(server_env, *SMALL)
    assert first.returncode == 0, first.stderr
    assert "Loaded 4 customers with" in first.stdout
    assert "100%" in first.stderr
    assert customers(session) == 4

    again = seed(server_env, "--customers", "9")
    assert again.returncode == 0
    assert "customers already: nothing changed" in again.stdout
    assert customers(session) == 4

    reset = seed(server_env, "--customers", "6", "--days", "20", "--reset")
    assert reset.returncode == 0, reset.stderr
    assert customers(session) == 6


def test_takes_the_number_of_customers_from_the_settings(
    server_env: dict[str, str], session: Session
) -> None:
    assert seed({**server_env, "SEED_CUSTOMERS": "3"}, "--days", "10").returncode == 0
    assert customers(session) == 3


def test_the_day_and_the_seed_decide_what_is_loaded(
    server_env: dict[str, str], session: Session
) -> None:
    def events(*arguments: str) -> list[str]:
        done = seed(server_env, *SMALL, "--reset", "--as-of", "2026-02-03", *arguments)
        assert done.returncode == 0, done.stderr
        query = text("SELECT event_id, occurred_at, data FROM event ORDER BY customer_id, event_id")
        rows = session.connection().execute(query).all()
        session.rollback()
        return [str(row) for row in rows]

    assert events("--seed", "7") == events("--seed", "7") != events("--seed", "8")


def test_two_at_once_load_one_portfolio(server_env: dict[str, str], session: Session) -> None:
    command = [sys.executable, str(PROJECT_ROOT / "seed.py"), *SMALL]
    both = [
        subprocess.Popen(command, env=server_env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(b"Loaded 4" in answer for answer in answers) == 1
    assert customers(session) == 4


def test_reset_is_refused_in_production(server_env: dict[str, str], session: Session) -> None:
    assert seed(server_env, *SMALL).returncode == 0
    refused = seed({**server_env, "ENVIRONMENT": "production"}, *SMALL, "--reset")
    assert refused.returncode == 1
    assert "refused in production" in refused.stderr
    assert customers(session) == 4


def test_a_reset_gives_up_on_a_reader_that_never_ends(
    server_env: dict[str, str], session: Session
) -> None:
    assert customers(session) == 0
    session.connection().execute(text("SELECT * FROM customer"))
    done = seed(server_env, *SMALL, "--reset")
    session.rollback()
    assert done.returncode == 1
    assert "lock timeout" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--customers", "0"), "0 is not between 1 and 100000"),
        (("--customers", "many"), "invalid whole number value: 'many'"),
        (("--as-of", "yesterday"), "invalid day value: 'yesterday'"),
        (("--as-of", "2999-01-01"), "is not between 2005-01-01 and"),
    ],
)
def test_a_wrong_option_is_one_readable_line(
    server_env: dict[str, str], arguments: tuple[str, ...], said: str
) -> None:
    done = seed(server_env, *arguments)
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]


def test_a_database_that_is_away_is_one_readable_line(
    server_env: dict[str, str], tmp_path: Path
) -> None:
    env = {**server_env, "DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/nothing"}
    done = seed(env, *SMALL)
    assert done.returncode == 1
    assert "isn't available" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
