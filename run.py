"""`make run`: the database, the REST API and the dashboard, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from db.engine import dispose_engine
from deploy.healthcheck import answers, open_session
from services.startup import FATAL, describe, prepare
from settings import PROJECT_ROOT, Settings, dashboard_settings

HOST = "127.0.0.1"
READY_SECONDS = 90.0
STOP_SECONDS = 35.0
"""The API's grace period, the scorer's last transaction, and a little more."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Children = dict[str, subprocess.Popen[bytes]]


class StartError(Exception):
    """What keeps the product from running; one readable line."""


def main() -> int:
    """Run until a signal or until a part fails; nothing is left behind either way."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    settings = dashboard_settings()
    children: Children = {}
    try:
        _check_ports(settings)
        prepare(settings, progress=_progress())
        _start(settings, children)
        _await_ready(settings, children)
        _say_ready(settings)
        _watch(children)
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)  # noqa: T201
        return 0
    except (StartError, *FATAL) as error:
        sys.stderr.write(f"{describe(error)}\n")
        return 1
    finally:
        for number in SIGNALS:  # impatience must not leave half of it running
            signal.signal(number, signal.SIG_IGN)
        _stop(children)
        dispose_engine()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _check_ports(settings: Settings) -> None:
    for name, host, port in (
        ("API_PORT", settings.api_host, settings.api_port),
        ("UI_PORT", HOST, settings.ui_port),
    ):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                reason = error.strerror or str(error)
                raise StartError(
                    f"Port {port} is already in use or can't be had ({host}: {reason}). "
                    f"Choose another one: {name}={port + 100} make run"
                ) from None


def _progress() -> Callable[[float, str], None]:
    """Says what is going on: on one line in a terminal, else a line for each new thing."""
    terminal = sys.stdout.isatty()
    last = ""

    def show(done: float, what: str) -> None:
        nonlocal last
        if terminal:
            end = "\n" if done >= 1 else ""
            print(f"\r\033[K{done:4.0%}  {what}", end=end, flush=True)  # noqa: T201
        elif what != last and not what[:1].isdigit():
            print(what, flush=True)  # noqa: T201
        last = what

    return show


def _start(settings: Settings, children: Children) -> None:
    dashboard_url = f"http://{HOST}:{settings.ui_port}"
    if "dashboard_url" in settings.model_fields_set:
        dashboard_url = settings.dashboard_url
    # Seeding is done; the children only serve.
    environment = {
        "MALLOC_ARENA_MAX": "1",  # a heap a thread would keep what each once needed: 20 MB
        **os.environ,
        "SEED_ON_START": "false",
        "SEED_RESET": "false",
        "DASHBOARD_URL": dashboard_url,
    }
    api = ["api", "--host", settings.api_host, "--port", str(settings.api_port)]
    dashboard = ["streamlit", "run", "app.py", f"--server.address={HOST}"]
    dashboard += [f"--server.port={settings.ui_port}", "--server.headless=true"]
    children["REST API"] = _child([*api, "--log-level=warning"], environment)
    children["dashboard"] = _child(dashboard, environment)


def _child(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A part of the product, in a session of its own: Ctrl-C reaches it through us, in order."""
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=PROJECT_ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def _await_ready(settings: Settings, children: Children) -> None:
    dashboard = f"http://{HOST}:{settings.ui_port}"
    _until(lambda: answers(f"{_api_url(settings)}/health/ready"), children)
    _until(lambda: answers(f"{dashboard}/_stcore/health"), children)
    _until(lambda: open_session(dashboard), children)


def _until(answered: Callable[[], None], children: Children) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        _check_alive(children)
        with suppress(Exception):  # not yet: whatever it was, it is asked again
            return answered()
        time.sleep(0.1)
    raise StartError(f"The product isn't ready after {READY_SECONDS:.0f} s.")


def _check_alive(children: Children) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            raise StartError(f"The {name} ended with code {child.returncode}; stopping the rest.")


def _watch(children: Children) -> NoReturn:
    while True:
        _check_alive(children)
        time.sleep(0.5)


def _api_url(settings: Settings) -> str:
    wildcard = {"0.0.0.0": HOST, "::": "[::1]"}  # noqa: S104 - only to know one when we see it
    host = settings.api_host
    return f"http://{wildcard.get(host, f'[{host}]' if ':' in host else host)}:{settings.api_port}"


def _say_ready(settings: Settings) -> None:
    where = "DATABASE_URL"
    if settings.embedded:
        where = str(settings.data_dir)
    lines = (
        "",
        "Customer Health is ready. Ctrl-C stops it.",
        f"  Dashboard  http://{HOST}:{settings.ui_port}",
        f"  REST API   {_api_url(settings)}/docs",
        f"  Data       {where}",
    )
    print("\n".join(lines), flush=True)  # noqa: T201


def _stop(children: Children) -> None:
    for child in children.values():
        child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children.values():
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


if __name__ == "__main__":
    os.chdir(Path(__file__).parent)
    sys.exit(main())
