"""One embedded PostgreSQL a DATA_DIR, shared by every process that uses it.

Who uses the server holds a shared file lock; the last one to leave stops it. The
kernel drops the lock of a killed process, so nobody has to be remembered.
"""

import atexit
import os
import subprocess
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import psycopg2
from sqlalchemy import URL

from db.embedded import locks
from db.embedded.binaries import programs_for
from db.embedded.cluster import Cluster
from db.embedded.config import DATABASE, PORT, ROLE, SERVER_SETTINGS
from db.embedded.errors import EmbeddedError
from db.embedded.home import open_home

LOCK_SECONDS = 120.0


class EmbeddedServer:
    """This process's share in the server of a DATA_DIR."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        """Start the server or join it.

        Args:
            data_dir: where the data belongs.
            settings: PostgreSQL settings on top of the product's own.

        Raises:
            EmbeddedError: one line that names DATA_DIR.
        """
        self._reviving = threading.Lock()
        self._user: int | None = None
        try:
            self._home = open_home(data_dir)
            programs = programs_for(self._home.account)
            self._cluster = Cluster(self._home, programs, {**SERVER_SETTINGS, **(settings or {})})
            self.ensure_running()
        except (EmbeddedError, OSError, subprocess.SubprocessError, psycopg2.Error) as error:
            self.close()
            raise EmbeddedError(_one_line(data_dir, error)) from error
        except BaseException:  # Ctrl-C while it starts
            self.close()
            raise
        atexit.register(self.close)

    @property
    def url(self) -> URL:
        """Where the server listens now: a restart may move its socket."""
        sockets = self._cluster.socket_dir()
        return URL.create(
            "postgresql+psycopg2",
            username=ROLE,
            database=DATABASE,
            port=PORT,
            query={"host": str(sockets)},
        )

    def ensure_running(self) -> None:
        """Have the server up, also when it was killed meanwhile.

        Raises:
            EmbeddedError, OSError: it doesn't come up.
        """
        with self._start_lock():
            if self._user is None:
                self._user = locks.shared(self._home.users_lock, self._home.account)
            self._cluster.ensure_running()

    def revive(self) -> None:
        """Bring a killed server back in the background; at once, and never twice at a time."""
        if self._user is not None and self._reviving.acquire(blocking=False):
            threading.Thread(target=self._revive, name="revive-database", daemon=True).start()

    def close(self) -> None:
        """Leave the server; the last one to leave stops it."""
        atexit.unregister(self.close)
        if self._user is None:
            return
        with suppress(EmbeddedError, OSError), self._start_lock():
            user, self._user = self._user, None
            try:
                if locks.try_exclusive(user):
                    self._cluster.stop()
            finally:
                os.close(user)

    def _revive(self) -> None:
        try:
            with suppress(EmbeddedError, OSError, subprocess.SubprocessError, psycopg2.Error):
                self.ensure_running()
        finally:
            self._reviving.release()

    def _start_lock(self) -> AbstractContextManager[None]:
        return locks.exclusive(self._home.start_lock, self._home.account, timeout=LOCK_SECONDS)


def _one_line(data_dir: Path, error: BaseException) -> str:
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"The embedded database under DATA_DIR {data_dir} can't be used: {reason}"
