"""The dashboard's process logs as the API's does: Streamlit's own records too."""

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from deploy.healthcheck import answers, open_session
from settings import PROJECT_ROOT
from tests.support.customers import add_customers
from tests.support.ports import free_port

pytestmark = pytest.mark.integration

# A cast that quotes the value it can't read, in a view that stands for the table.
BROKEN = """
    ALTER TABLE portfolio_now RENAME TO kept;
    CREATE VIEW portfolio_now AS
    SELECT id, segment, 'healthy' AS status, 15 AS score_bin, 'infinity'::timestamptz AS churned_at,
           ('zoe.secret@private.example' || id)::bigint AS customers, 1 AS scored,
           80.0 AS score_sum, arr, created_at AS changed_at
    FROM customer;
"""


def test_a_fault_of_a_page_is_a_json_line_without_data(
    server_env: dict[str, str], engine: Engine, session: Session, tmp_path: Path
) -> None:
    add_customers(session, 1)
    with engine.begin() as connection:
        connection.execute(text(BROKEN))
    port, log = free_port(), tmp_path / "log"
    with log.open("w") as said:
        dashboard = subprocess.Popen(
            [
                *(sys.executable, "-m", "streamlit", "run", "app.py"),
                *("--server.address=127.0.0.1", f"--server.port={port}"),
                *("--server.headless=true", "--logger.hideWelcomeMessage=true"),
            ],
            cwd=PROJECT_ROOT,
            env=server_env | {"LOG_FORMAT": "json", "LOG_LEVEL": "debug"},
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
    try:
        deadline = time.monotonic() + 90
        while "Uncaught app execution" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            assert dashboard.poll() is None, log.read_text()
            time.sleep(0.2)
            with suppress(Exception):  # not yet: it is asked again
                answers(f"http://127.0.0.1:{port}/_stcore/health")
                open_session(f"http://127.0.0.1:{port}")
    finally:
        dashboard.terminate()
        dashboard.wait(timeout=60)
    _server_started, *told = log.read_text().splitlines()  # before any code of ours runs
    lines = [json.loads(line) for line in told]
    (fault, *_) = [line for line in lines if line["message"].startswith("Uncaught app execution")]
    assert "SQLSTATE" in fault["exception"]
    assert fault["logger"].startswith("streamlit.")
    assert "secret" not in log.read_text()
