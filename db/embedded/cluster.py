"""The server of one home: created, started, awaited and stopped.

Nothing here locks: the caller holds the home's start lock.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2

from db.embedded import processes
from db.embedded.binaries import MAJOR_VERSION
from db.embedded.config import DATABASE, INITDB_OPTIONS, PORT, ROLE, command_line
from db.embedded.errors import EmbeddedError
from db.embedded.home import Home

START_SECONDS = 60.0
DYING_SECONDS = 10.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.05
DRAFT = "data.new-"
LONGEST_SOCKET_DIR = 85  # the kernel takes 107 bytes (macOS 103) with the socket's own name


class Cluster:
    """A data directory and the programs that serve it."""

    def __init__(self, home: Home, programs: Path, settings: Mapping[str, str]) -> None:
        self._home = home
        self._programs = programs
        self._settings = dict(settings)

    def socket_dir(self) -> Path:
        """Where the server listens: as it wrote down itself, else where it will."""
        return processes.socket_dir(self._home.data) or self._home.path

    def ensure_running(self) -> None:
        """Have a server that takes connections, whatever was before.

        Raises:
            EmbeddedError: it doesn't come up.
        """
        self._create_data()
        deadline = time.monotonic() + START_SECONDS
        # A start soon after `kill -9` can meet the old server's last breath: try again.
        patience = time.monotonic() + DYING_SECONDS
        while True:
            pid = processes.postmaster_pid(self._home.data)
            if pid is None:
                processes.clear_stale(self._home.data, self.socket_dir())
                pid = self._launch()
            if self._accepts(pid, deadline):
                return
            if time.monotonic() > patience:
                raise EmbeddedError(f"PostgreSQL doesn't start: {self._last_words()}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Shut the server down, and remove a private socket folder."""
        sockets = self.socket_dir()
        if not processes.stop_server(self._home.data, patience=STOP_SECONDS):
            raise EmbeddedError("PostgreSQL doesn't stop")
        if sockets != self._home.path:
            shutil.rmtree(sockets, ignore_errors=True)

    def _create_data(self) -> None:
        data = self._home.data
        if not data.exists():
            # Under a name of its own first: what a killed start left half done must not look
            # like a database, and its initdb may still be writing.
            draft = self._home.path / f"{DRAFT}{uuid4().hex[:8]}"
            self._run("initdb", *INITDB_OPTIONS, f"--pgdata={draft}")
            draft.rename(data)
        for abandoned in self._home.path.glob(f"{DRAFT}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        found = (data / "PG_VERSION").read_text().strip()
        if found != MAJOR_VERSION:
            raise EmbeddedError(
                f"holds a database of PostgreSQL {found}, and this version brings "
                f"PostgreSQL {MAJOR_VERSION}: dump it with the old version and restore it here"
            )

    def _launch(self) -> int:
        """Start the server in a session of its own (Ctrl-C isn't for it); its process id.

        The shell in between is gone at once, so that nobody has to reap the server.
        """
        sockets = self._short_enough_socket_dir()
        shell = '"$@" >"$0" 2>&1 </dev/null & echo $!'
        server = [str(self._programs / "postgres"), "-D", str(self._home.data)]
        server += command_line(self._settings, sockets)
        started = subprocess.run(
            ["/bin/sh", "-c", shell, str(self._home.start_log), *server],
            stdout=subprocess.PIPE,
            start_new_session=True,
            check=True,
            **self._surroundings(),
        )
        return int(started.stdout)

    def _short_enough_socket_dir(self) -> Path:
        """The home itself, or a private folder where its path is too long for a socket."""
        path = os.fsencode(self._home.path)
        if len(path) <= LONGEST_SOCKET_DIR and b"," not in path:
            return self._home.path
        short = Path(tempfile.mkdtemp(prefix="customer-health-", dir="/tmp"))
        if self._home.account is not None:
            self._home.account.own(short)
        return short

    def _accepts(self, pid: int, deadline: float) -> bool:
        """Wait until the server takes connections (and has our database), or is gone."""
        while time.monotonic() < deadline:
            try:
                self._create_database()
            except psycopg2.OperationalError:
                if not processes.is_alive(pid):
                    return False
                time.sleep(POLL_SECONDS)
            else:
                return True
        return False

    def _create_database(self) -> None:
        with closing(self._connect("postgres")) as connection:
            connection.autocommit = True  # CREATE DATABASE runs in no transaction
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{DATABASE}"')

    def _connect(self, database: str) -> psycopg2.extensions.connection:
        return psycopg2.connect(
            host=str(self.socket_dir()),
            port=PORT,
            user=ROLE,
            dbname=database,
            connect_timeout=5,
        )

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
            **self._surroundings(),
        )
        if done.returncode:
            raise EmbeddedError(f"{program} failed: {_last_line(done.stderr)}")

    def _surroundings(self) -> dict[str, Any]:
        """Nothing of ours that could reach the server: folder, environment, file mode, account."""
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        account = self._home.account
        demotion = account.subprocess_arguments() if account else {}
        return {"cwd": "/", "env": environment, "umask": 0o077, **demotion}

    def _last_words(self) -> str:
        try:
            return _last_line(self._home.start_log.read_text(errors="replace"))
        except OSError:
            return "it left no word"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it left no word"
