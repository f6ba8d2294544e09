"""Starts users of the embedded database as real processes, and looks at the server behind."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import URL, create_engine, text

from db.embedded.config import DATABASE, ROLE
from settings import PROJECT_ROOT
from tests.support.packages import readable_packages

CHILD = PROJECT_ROOT / "tests" / "support" / "embedded_user.py"
NOBODY = 65534
# Root tries both; an ordinary user can only be itself.
USERS = ["root", "ordinary user"] if os.geteuid() == 0 else ["ordinary user"]


class User:
    """One process that uses the database of a DATA_DIR."""

    def __init__(self, data_dir: Path, who: str = USERS[0], python_path: str = "") -> None:
        demoted = [str(NOBODY)] if who == "ordinary user" and os.geteuid() == 0 else []
        environment = {**os.environ}
        if demoted:  # who could not write coverage's files
            environment.pop("COVERAGE_PROCESS_CONFIG", None)
            python_path = python_path or str(readable_packages(NOBODY))
        environment["PYTHONPATH"] = os.pathsep.join([python_path, str(PROJECT_ROOT)])
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), str(data_dir), *demoted],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PROJECT_ROOT,
            env=environment,
        )
        self.host = ""

    def ready(self) -> "User":
        """Wait until the database answers this process."""
        assert self.process.stdout is not None
        self.host = self.process.stdout.readline().strip()
        assert self.host, self.process.communicate(timeout=60)[1]
        return self

    def leave(self) -> str:
        """Let it end in order; what it said on standard error."""
        errors = self.process.communicate(timeout=60)[1]
        assert self.process.returncode == 0, errors
        return errors

    def refusal(self) -> str:
        """Wait until it gives up; its last words."""
        errors = self.process.communicate(timeout=120)[1]
        assert self.process.returncode == 1, errors
        return errors.strip()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.communicate(timeout=60)

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a statement, run by the test itself on the user's database."""
        url = URL.create(
            "postgresql+psycopg2", username=ROLE, database=DATABASE, query={"host": self.host}
        )
        engine = create_engine(url)
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            rows = [tuple(row) for row in result] if result.returns_rows else []
        engine.dispose()
        return rows


def make_data_dir(folder: Path, who: str = USERS[0]) -> Path:
    """A DATA_DIR that its user owns, in a folder that everybody can pass."""
    folder.mkdir(parents=True, exist_ok=True)
    if who == "ordinary user" and os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    return folder


def permissions(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """Mode and owners of every folder above."""
    found = {path: path.stat() for path in folder.parents}
    return {path: (stat.st_mode, stat.st_uid, stat.st_gid) for path, stat in found.items()}


def alive(pid: int) -> bool:
    """Whether the process exists (a zombie nobody reaped doesn't count)."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
