"""`make run` in a clone: as root in a closed folder, as an ordinary user, until Ctrl-C."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from db.embedded.account import Account
from db.embedded.home import ELSEWHERE
from db.embedded.processes import postmaster_pid
from settings import PROJECT_ROOT
from tests.integration.embedded_processes import NOBODY, USERS, alive
from tests.support.packages import readable_packages
from tests.support.ports import free_port

pytestmark = pytest.mark.integration

SECONDS = 180.0
CLONE = ("home", "a clone")
# A newcomer's terminal has none of these; coverage could not write its files as somebody else.
LEFT_BEHIND = {"DATABASE_URL", "DATA_DIR", "MAKEFLAGS", "MAKELEVEL", "COVERAGE_PROCESS_CONFIG"}
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "data", "__pycache__", ".*_cache", ".coverage*")

STARTED: "list[Product]" = []


class Product:
    """A running `make run`, in a session of its own as in a terminal."""

    def __init__(self, clone: Path, who: str, ui: int = 0) -> None:
        self._log = clone.parent.parent / "make-run.log"
        self.api, self.ui = free_port(), ui or free_port()
        environment = {name: value for name, value in os.environ.items() if name not in LEFT_BEHIND}
        environment |= {"API_PORT": str(self.api), "UI_PORT": str(self.ui), "SEED_CUSTOMERS": "3"}
        environment |= {"HOME": str(clone), "PYTHONDONTWRITEBYTECODE": "1"}
        demotion: dict[str, Any] = {}
        if who == "ordinary user" and os.geteuid() == 0:
            demotion = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                ["make", "run"],
                cwd=clone,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **demotion,
            )
        STARTED.append(self)

    def said(self) -> str:
        """Everything that the user sees."""
        return self._log.read_text()

    def ready(self) -> "Product":
        """Wait until it says that it is."""
        _until(lambda: "is ready. Ctrl-C stops it." in self.said() or self.ended(), self.said)
        assert not self.ended(), self.said()
        return self

    def ended(self) -> bool:
        """Whether make is gone."""
        return self.process.poll() is not None

    def processes(self) -> list[int]:
        """Everything that runs from the clone, found by its ports."""
        marks = (f"API_PORT={self.api}\0".encode(), f"UI_PORT={self.ui}\0".encode())
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if all(mark in environment for mark in marks) and alive(int(entry.name)):
                found.append(int(entry.name))
        return found

    def abandon(self) -> None:
        """End what a failed test left running."""
        if not self.ended():
            terminate(self)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def read(self, path: str) -> tuple[str, str]:
        """The answer of the API, and its total."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.api}{path}", timeout=20) as answer:
            return answer.read().decode(), answer.headers.get("X-Total-Count", "")

    def end(self, how: Callable[["Product"], None], data: Path) -> None:
        """End it, and see that no process is left."""
        server = postmaster_pid(data)
        assert server is not None
        assert len(self.processes()) >= 3
        how(self)
        _until(self.ended, self.said)
        _until(lambda: not self.processes() and not alive(server), self.said)


def ctrl_c(product: Product) -> None:
    """What a terminal does: SIGINT to the whole process group."""
    os.killpg(product.process.pid, signal.SIGINT)


def terminate(product: Product) -> None:
    """What a service manager does: SIGTERM to make alone."""
    product.process.send_signal(signal.SIGTERM)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for a clone, which every account can pass; nothing outside it stays behind."""
    with tempfile.TemporaryDirectory(prefix="customer-health-run-") as path:
        Path(path).chmod(0o755)
        yield Path(path)
        while STARTED:
            STARTED.pop().abandon()
        # Other tests, or a product in use, may have data there too: only this clone's goes.
        shutil.rmtree(_elsewhere(Path(path, *CLONE)), ignore_errors=True)


@pytest.mark.parametrize("who", USERS)
def test_make_run_twice(folder: Path, who: str) -> None:
    """Root's clone lies in a closed folder; the ordinary user's is its own."""
    clone = _clone(folder, who)
    first = Product(clone, who).ready()
    customers, total = first.read("/api/customers?churned=any")
    assert int(total) == 3
    assert f"http://127.0.0.1:{first.ui}" in first.said()
    assert "page_not_found" not in _session(first.ui, "customers"), "a deep link, first of all"
    first.end(ctrl_c, _data(clone, who))
    assert " INFO " not in first.said().partition("is ready")[2], "the servers' own chatter"
    second = Product(clone, who).ready()
    assert _names(second.read("/api/customers?churned=any")[0]) == _names(customers)
    assert "Inventing" not in second.said()
    second.end(terminate, _data(clone, who))
    assert "Traceback" not in first.said() + second.said()


def test_a_taken_port_is_one_clear_line(folder: Path) -> None:
    clone = _clone(folder, USERS[-1])
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        product = Product(clone, USERS[-1], ui=taken)
        _until(product.ended, product.said)
    ours = [line for line in product.said().splitlines() if not line.startswith("make: ")]
    assert len(ours) == 1
    assert f"Port {taken} is already in use" in ours[0]
    assert "UI_PORT=" in ours[0]
    assert product.process.returncode != 0
    assert not (clone / "data").exists()


def test_a_part_that_dies_takes_the_rest_along(folder: Path) -> None:
    clone = _clone(folder, USERS[-1])
    product = Product(clone, USERS[-1]).ready()

    def kill_the_api(product: Product) -> None:
        (api,) = (pid for pid in product.processes() if b"-m\0api\0" in _command(pid))
        os.kill(api, signal.SIGKILL)

    product.end(kill_the_api, _data(clone, USERS[-1]))
    assert "The REST API ended" in product.said()


def _clone(folder: Path, who: str) -> Path:
    """The product as a newcomer has it, with this environment's packages as its own."""
    clone = folder.joinpath(*CLONE)
    above = clone.parent
    shutil.copytree(PROJECT_ROOT, clone, ignore=LEFT_OUT)
    _environment(clone / ".venv")
    above.chmod(0o700)
    if who == "ordinary user" and os.geteuid() == 0:
        for path in (above, clone, *clone.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return clone


def _environment(venv: Path) -> None:
    """An installed `.venv`, with an interpreter that every account can run."""
    python = _interpreter()
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(python)
    (venv / "pyvenv.cfg").write_text(f"home = {python.parent}\n")
    (venv / "lib" / version).mkdir(parents=True)
    (venv / "lib" / version / "site-packages").symlink_to(readable_packages(NOBODY))
    for stamp in (".runtime-installed", ".development-installed"):
        (venv / stamp).touch()


def _interpreter() -> Path:
    """This interpreter, or where it lies in root's own folders the system's of its version."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix).resolve() / "bin" / version
    candidates = [base, *(Path(folder, version) for folder in ("/usr/local/bin", "/usr/bin"))]
    if os.geteuid() != 0:
        return base
    everybody = Account(NOBODY, NOBODY)
    return next(path for path in candidates if path.exists() and everybody.can_enter(path.parent))


def _data(clone: Path, who: str) -> Path:
    """Where the clone's database is."""
    if who == "root":
        return _elsewhere(clone) / "data"
    return clone / "data" / "postgresql" / "data"


def _elsewhere(clone: Path) -> Path:
    """Where the data goes when the server's account can't enter the clone."""
    return ELSEWHERE / hashlib.sha256(os.fsencode(clone / "data")).hexdigest()[:12]


def _names(customers: str) -> list[str]:
    return [customer["name"] for customer in json.loads(customers)]


def _session(port: int, page: str) -> list[str]:
    """The kinds of messages that a browser gets which opens a page."""
    rerun = BackMsg()
    rerun.rerun_script.page_name = page
    kinds: list[str] = []
    url = f"ws://127.0.0.1:{port}/_stcore/stream"
    with connect(url, subprotocols=[Subprotocol("streamlit")], max_size=None) as browser:
        browser.send(rerun.SerializeToString())
        while "script_finished" not in kinds:
            message = ForwardMsg()
            message.ParseFromString(bytes(browser.recv(timeout=60, decode=False)))
            kinds.append(str(message.WhichOneof("type")))
    return kinds


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _until(what: Callable[[], bool], said: Callable[[], str]) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline, said()
        time.sleep(0.1)
