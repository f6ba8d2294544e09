"""The dashboard as its own process, for tests with a real browser."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from settings import PROJECT_ROOT
from tests.support.ports import free_port

SECONDS = 60


@contextmanager
def running_dashboard(
    environment: Mapping[str, str], log: Path, *, port: int | None = None
) -> Iterator[str]:
    """The base URL of a `streamlit run app.py` that answers."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = ["--server.address", "127.0.0.1", "--server.port", str(port)]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, *options],
            env=dict(environment),
            cwd=PROJECT_ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait_until_it_answers(process, f"http://127.0.0.1:{port}", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(SECONDS)


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/_stcore/health", timeout=1).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the dashboard did not start:\n{log.read_text()}")
