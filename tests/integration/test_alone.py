"""`uvicorn api.main:app` alone, `streamlit run app.py` alone, and both on one embedded database."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from db.embedded.processes import postmaster_pid
from deploy.healthcheck import answers, open_session
from settings import PROJECT_ROOT
from tests.integration.embedded_processes import alive
from tests.support.ports import free_port

pytestmark = pytest.mark.integration


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """A DATA_DIR of its own and few customers."""
    with tempfile.TemporaryDirectory(prefix="customer-health-tests-") as path:
        Path(path).chmod(0o755)
        own = {"DATA_DIR": path, "SEED_CUSTOMERS": "2", "PYTHONUNBUFFERED": "1"}
        yield {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | own


def _start(environment: dict[str, str], *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def _until_done(work: Callable[[], None], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while True:
        with suppress(OSError, TimeoutError):
            return work()
        assert process.poll() is None, "it ended"
        assert time.monotonic() < deadline, "it doesn't answer"
        time.sleep(0.1)


def test_both_alone_share_one_database(environment: dict[str, str]) -> None:
    data = Path(environment["DATA_DIR"], "postgresql", "data")
    ui, port = free_port(), free_port()
    arguments = ("--server.address=127.0.0.1", f"--server.port={ui}", "--server.headless=true")
    dashboard = _start(environment, "streamlit", "run", "app.py", *arguments)
    api = _start(environment, "uvicorn", "api.main:app", "--port", str(port))
    try:
        _until_done(lambda: answers(f"http://127.0.0.1:{port}/health/ready"), api)
        _until_done(lambda: open_session(f"http://127.0.0.1:{ui}"), dashboard)
        everybody = f"http://127.0.0.1:{port}/api/customers?churned=any"
        with urllib.request.urlopen(everybody, timeout=20) as page:
            assert page.headers["X-Total-Count"] == "2"
        server = postmaster_pid(data)
        assert server is not None
        dashboard.send_signal(signal.SIGINT)
        dashboard.wait(timeout=60)
        assert postmaster_pid(data) == server, "the API still uses it"
        api.send_signal(signal.SIGTERM)
        api.wait(timeout=60)
        assert not alive(server)
    finally:
        for process in (dashboard, api):
            process.kill()
            process.wait()


def test_a_dashboard_alone_stops_its_database(environment: dict[str, str]) -> None:
    data = Path(environment["DATA_DIR"], "postgresql", "data")
    ui = free_port()
    arguments = ("--server.address=127.0.0.1", f"--server.port={ui}", "--server.headless=true")
    dashboard = _start(environment, "streamlit", "run", "app.py", *arguments)
    try:
        _until_done(lambda: open_session(f"http://127.0.0.1:{ui}"), dashboard)
        server = postmaster_pid(data)
        assert server is not None
        dashboard.send_signal(signal.SIGTERM)
        dashboard.wait(timeout=60)
        assert not alive(server)
    finally:
        dashboard.kill()
        dashboard.wait()
