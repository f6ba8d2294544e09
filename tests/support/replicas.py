"""Real processes of the API that start in no time and die by SIGKILL."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx

from settings import PROJECT_ROOT
from tests.integration.embedded_processes import alive
from tests.support.ports import free_port

CHILD = PROJECT_ROOT / "tests" / "support" / "api_fork.py"
SECONDS = 60.0


class Replica:
    """One process of the API."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid, self.port = pid, port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def alive(self) -> bool:
        return alive(self.pid)

    def ready(self) -> Self:
        """Wait until it answers that it is ready to serve."""
        deadline = time.monotonic() + SECONDS
        while True:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200:
                    return self
            assert self.alive, "the API ended by itself"
            assert time.monotonic() < deadline, "the API doesn't become ready"
            time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL; returns once the process is gone."""
        os.kill(self.pid, signal.SIGKILL)
        deadline = time.monotonic() + SECONDS
        while self.alive:
            assert time.monotonic() < deadline
            time.sleep(0.002)


class Replicas:
    """Starts processes of the API on one database; leaves none behind."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._started: list[Replica] = []

    def __enter__(self) -> Self:
        self._parent = subprocess.Popen(
            [sys.executable, str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT_ROOT,
            env=self._environment,
        )
        assert self._answer() == "imported"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for replica in self._started:
            if replica.alive:
                replica.kill()
        self._parent.communicate(timeout=SECONDS)

    def start(self, port: int | None = None) -> Replica:
        """Start one more, on the given port or on a free one; it isn't ready yet."""
        port = port or free_port()
        assert self._parent.stdin is not None
        self._parent.stdin.write(f"{port}\n")
        self._parent.stdin.flush()
        replica = Replica(int(self._answer()), port)
        self._started.append(replica)
        return replica

    def _answer(self) -> str:
        assert self._parent.stdout is not None
        return self._parent.stdout.readline().strip()
