"""The API over real sockets: as its own process, or within the test's."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import Empty, SimpleQueue

import httpx
import uvicorn
from fastapi import FastAPI

from api.patience import PatientProtocol
from settings import PROJECT_ROOT

STARTED = "Uvicorn running on "
SECONDS = 60


@contextmanager
def running_api(environment: Mapping[str, str], *, told: list[str] | None = None) -> Iterator[str]:
    """The base URL of a `python -m api` that has finished starting.

    Args:
        told: gets every line that the process says, complete once it has ended.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "api", "--port", "0", "--no-access-log"],
        env=dict(environment),
        cwd=PROJECT_ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        lines: SimpleQueue[str] = SimpleQueue()
        # Read to the end: a full pipe would stop the server.
        reader = threading.Thread(target=_read, args=(process, lines, told), daemon=True)
        reader.start()
        try:
            yield _address(process, lines)
        finally:
            process.terminate()
            process.wait(SECONDS)
            reader.join(SECONDS)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The base URL of the app in a thread of this process, with nothing running beside it."""
    config = uvicorn.Config(
        app, port=0, lifespan="off", log_level="critical", proxy_headers=False, http=PatientProtocol
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + SECONDS
        while not server.started:
            assert time.monotonic() < deadline, "the API did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(SECONDS)


def wait_until_fresh(client: httpx.Client, customer_id: int) -> dict[str, object]:
    """The customer's list item, once it is equal to the live score."""
    deadline = time.monotonic() + 30
    while True:
        item = client.get(f"/api/customers/{customer_id}").json()
        live = client.get(f"/api/customers/{customer_id}/health").json()
        same = ("overall_score", "status", "coverage", "trend_30d")
        if item["overall_score"] is not None and all(item[k] == live[k] for k in same):
            found: dict[str, object] = item
            return found
        assert time.monotonic() < deadline, (item, live)
        time.sleep(0.1)


def _read(
    process: "subprocess.Popen[str]", lines: "SimpleQueue[str]", told: list[str] | None
) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        lines.put(line)
        if told is not None:
            told.append(line)


def _address(process: "subprocess.Popen[str]", lines: "SimpleQueue[str]") -> str:
    seen = ""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            line = lines.get(timeout=0.2)
        except Empty:
            if process.poll() is not None:
                break
            continue
        seen += line
        if STARTED in line:
            return line.partition(STARTED)[2].split()[0]
    raise AssertionError(f"the API did not start:\n{seen}")
