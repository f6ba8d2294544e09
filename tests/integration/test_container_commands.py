"""The image's commands, run outside a container: its files, its commands, its health checks."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text
from sqlmodel import Session

from settings import PROJECT_ROOT
from tests.support.ports import free_port

pytestmark = pytest.mark.integration

DEADLINE = 60.0
SERVICES = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())["services"]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder that the runtime stage's COPY lines make, and nothing else."""
    folder = tmp_path / "app"
    folder.mkdir()
    for instruction in re.findall(r"^COPY (.+)$", runtime_stage(), flags=re.MULTILINE):
        *sources, target = instruction.split()
        for source in sources:
            copy(PROJECT_ROOT / source, folder / target, several=target == "./")
    return folder


def runtime_stage() -> str:
    return (PROJECT_ROOT / "Dockerfile").read_text().split(" AS runtime", 1)[1]


def copy(source: Path, target: Path, *, several: bool) -> None:
    target = target / source.name if several else target
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def command_of(service: str, port: int | None = None) -> list[str]:
    return outside(SERVICES[service]["command"], port)


def outside(command: list[str], port: int | None) -> list[str]:
    """A container's command with this machine's Python, on loopback, on a free port."""
    module = [] if command[0] == "python" else ["-m", command[0]]
    words = [sys.executable, *module, *command[1:]]
    words = [word.replace("0.0.0.0", "127.0.0.1") for word in words]
    return [re.sub(r"\b(8000|8501)\b", str(port), word) for word in words]


@contextmanager
def running(command: list[str], folder: Path, env: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=folder, env=env, start_new_session=True)
    try:
        yield
        assert process.poll() is None, f"{command} ended by itself"
    finally:
        process.terminate()
        process.wait(timeout=DEADLINE)


def becomes_healthy(check: list[str], folder: Path, env: dict[str, str]) -> bool:
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if subprocess.run(check, cwd=folder, env=env, stderr=subprocess.DEVNULL).returncode == 0:
            return True
        time.sleep(0.2)
    return False


@pytest.fixture
def container_env(server_env: dict[str, str], image: Path, tmp_path: Path) -> dict[str, str]:
    """A container's environment: only the image's files can be imported."""
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    return {**server_env, "PYTHONPATH": str(image), "TMPDIR": str(scratch)}


def test_migrate_prepares_and_seeds_once(
    image: Path, container_env: dict[str, str], session: Session
) -> None:
    env = {**container_env, "SEED_ON_START": "true", "SEED_CUSTOMERS": "3"}
    for _ in range(2):
        done = subprocess.run(command_of("migrate"), cwd=image, env=env, timeout=DEADLINE)
        assert done.returncode == 0
    assert session.connection().execute(text("SELECT count(*) FROM customer")).scalar_one() == 3


def test_production_with_the_default_password_stops_with_one_line(
    image: Path, container_env: dict[str, str]
) -> None:
    url = "postgresql://customer_health:customer_health@db:5432/customer_health"
    env = {**container_env, "ENVIRONMENT": "production", "DATABASE_URL": url}
    done = subprocess.run(
        command_of("migrate"), cwd=image, env=env, timeout=DEADLINE, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "default password" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("service", ["api", "app"])
def test_a_service_starts_and_its_health_check_says_so(
    image: Path, container_env: dict[str, str], service: str
) -> None:
    port = free_port()
    check = outside(SERVICES[service]["healthcheck"]["test"][1:], port)
    assert subprocess.run(check, cwd=image, env=container_env, capture_output=True).returncode == 1
    with running(command_of(service, port), image, container_env):
        assert becomes_healthy(check, image, container_env)
    assert subprocess.run(check, cwd=image, env=container_env, capture_output=True).returncode == 1


def test_the_images_own_command_is_the_api_and_its_health_check_asks_it(
    image: Path, container_env: dict[str, str]
) -> None:
    health, default = (
        json.loads(words)
        for words in re.findall(r"CMD (\[.+\])$", runtime_stage(), flags=re.MULTILINE)
    )
    port = free_port()
    with running(outside(default, port), image, container_env):
        assert becomes_healthy(outside(health, port), image, container_env)
