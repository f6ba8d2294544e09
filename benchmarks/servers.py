"""Real processes of the product and of the baseline, each on a free port of this machine."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from settings import PROJECT_ROOT

SECONDS = 60.0


class Server(NamedTuple):
    """A process that answers."""

    port: int
    pid: int

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> tuple[float, float]:
        """Resident memory now and at its peak, in MB."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        found = dict(line.split(":", 1) for line in lines)
        return int(found["VmRSS"].split()[0]) / 1024, int(found["VmHWM"].split()[0]) / 1024


@contextmanager
def running_api(database_url: str) -> Iterator[Server]:
    """`python -m api`, started as `make run` starts it."""
    with _running("api", url=database_url, ready="/health/ready") as server:
        yield server


@contextmanager
def running_plain_app(database_url: str) -> Iterator[Server]:
    """The plain app, started in the same way."""
    plain = "benchmarks.baselines.plain_app:app"
    with _running("uvicorn", plain, url=database_url, ready="/openapi.json") as server:
        yield server


@contextmanager
def running_dashboard(database_url: str) -> Iterator[Server]:
    """`streamlit run app.py`, started as `make run` starts it."""
    options = ("run", "app.py", "--server.address=127.0.0.1", "--server.headless=true")
    with _running("streamlit", *options, url=database_url, ready="/_stcore/health") as server:
        yield server


@contextmanager
def _running(module: str, *arguments: str, url: str, ready: str) -> Iterator[Server]:
    port = _free_port()
    options = [f"--server.port={port}"]
    if module != "streamlit":
        options = ["--port", str(port), "--log-level=warning"]
    command = [sys.executable, "-m", module, *arguments, *options]
    with subprocess.Popen(
        command, cwd=PROJECT_ROOT, env=_environment(url), stdout=subprocess.DEVNULL
    ) as process:
        try:
            server = Server(port, process.pid)
            _await_ready(process, command, server.address + ready)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _environment(url: str) -> Mapping[str, str]:
    return {
        **os.environ,
        "MALLOC_ARENA_MAX": "1",
        "DATABASE_URL": url,
        "SEED_ON_START": "false",
        "SCORING_MODEL": "standard",
        "PYTHONPATH": str(PROJECT_ROOT),
    }


def _await_ready(process: "subprocess.Popen[bytes]", command: Sequence[str], url: str) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"did not start: {' '.join(command)}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
