"""Where the API answers without a key, what it says of that, and what it never says."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import Engine

from settings import PROJECT_ROOT
from tests.support.keys import bearer, make_key
from tests.support.ports import free_port

pytestmark = pytest.mark.integration


@contextmanager
def logged_api(
    environment: Mapping[str, str], host: str = "127.0.0.1"
) -> Iterator[tuple[int, list[str]]]:
    """The port of a real API with its access log, and all it has said once it has ended."""
    port, said = free_port(), list[str]()
    with subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "api.main:app", "--host", host, "--port", str(port)],
        env=dict(environment),
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            await_ready(port)
            yield port, said
        finally:
            process.terminate()
            said += process.communicate(timeout=60)[0].splitlines()


def await_ready(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health/ready").raise_for_status().close()
        except httpx.HTTPError:
            assert time.monotonic() < deadline, "it isn't ready"
            time.sleep(0.1)


def status(host: str, port: int, key: str | None = None) -> int:
    headers = {} if key is None else bearer(key)
    return httpx.get(f"http://{host}:{port}/api/customers", headers=headers).status_code


def own_address() -> str:
    """This machine's address on its network; asking the kernel for a route sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        address: str = probe.getsockname()[0]
        return address


def assert_says_once(said: list[str], sentence: str) -> None:
    (line,) = (line for line in said if "without a key" in line)
    assert sentence in line


def test_development_is_open_on_loopback_alone_and_says_so(
    server_env: dict[str, str], engine: Engine
) -> None:
    with logged_api(server_env, "0.0.0.0") as (port, said):
        assert status("127.0.0.1", port) == 200
        assert status(own_address(), port) == 401
        assert status(own_address(), port, make_key(engine, "read")) == 200
        assert status("127.0.0.1", port, "chk_wrong") == 401, "what is sent must be valid"
    assert_says_once(said, "Development: the REST API answers on loopback without a key.")


def test_it_is_open_to_everybody_only_by_name(server_env: dict[str, str]) -> None:
    with logged_api(server_env | {"API_AUTH": "none"}, "0.0.0.0") as (port, said):
        assert status(own_address(), port) == 200
        assert status(own_address(), port, "chk_wrong") == 401
    assert_says_once(said, "API_AUTH=none: the REST API answers everybody without a key.")


def test_production_needs_a_key_and_no_log_holds_it(
    server_env: dict[str, str], engine: Engine
) -> None:
    key = make_key(engine, "read")
    with logged_api(server_env | {"ENVIRONMENT": "production"}) as (port, said):
        assert status("127.0.0.1", port) == 401
        assert status("127.0.0.1", port, key) == 200
        assert status("127.0.0.1", port, key[:-1]) == 401
    told = "\n".join(said)
    assert "without a key" not in told
    assert "401" in told, "there is an access log"
    assert key.split("_", 2)[2][:-1] not in told
    assert key.split("_")[1] not in told
