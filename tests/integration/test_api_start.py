"""A start that can't succeed ends with one line that says why, and without a traceback."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from settings import PROJECT_ROOT

pytestmark = pytest.mark.integration


def failed_start(environment: Mapping[str, str]) -> str:
    """What `uvicorn api.main:app` says before it gives up."""
    done = subprocess.run(
        [sys.executable, "-m", "uvicorn", "api.main:app", "--port", "0", "--log-level", "warning"],
        env=dict(environment),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    return done.stdout + done.stderr


def assert_says(said: str, reason: str) -> None:
    """The reason in one line, then uvicorn's own closing line, and nothing else."""
    line, *rest = said.strip().splitlines()
    assert reason in line
    assert len(rest) == 1, said
    assert rest[0].endswith("Application startup failed. Exiting.")


def test_a_schema_of_a_newer_version(server_env: dict[str, str], engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    assert_says(failed_start(server_env), "schema revision 9999_future")


def test_a_data_dir_that_cannot_hold_a_database(server_env: dict[str, str], tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("not a folder")
    environment = {k: v for k, v in server_env.items() if k != "DATABASE_URL"}
    said = failed_start(environment | {"DATA_DIR": str(place)})
    assert_says(said, f"DATA_DIR {place}")


def test_a_database_url_that_no_connection_can_use(
    server_env: dict[str, str], database_url: str
) -> None:
    url = make_url(database_url).set(password="s3cret").update_query_dict({"colour": "blue"})
    address = url.render_as_string(hide_password=False)
    said = failed_start(server_env | {"DATABASE_URL": address})
    assert_says(said, 'invalid connection option "colour"')
    assert "s3cret" not in said


def test_a_scoring_model_that_is_none(server_env: dict[str, str]) -> None:
    said = failed_start(server_env | {"SCORING_MODEL": "unheard"})
    assert said.startswith("Configuration error: SCORING_MODEL 'unheard'")
    assert said.count("\n") == 1
