"""The folder for files on their way into an import: one process's alone, and gone with it."""

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PREFIX = "customer-health-imports-"
_MADE_AND_LOCKED = 5.0
"""Seconds after which a folder without a lock is nobody's."""


class OwnFolder:
    """A new folder in `parent`. What a killed process left there goes.

    The lock says whose process lives: the kernel drops it when one dies, however it dies.
    """

    def __init__(self, parent: Path) -> None:
        _remove_orphans(parent)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._lock = os.open(self.path, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Delete it with all that it holds."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _remove_orphans(parent: Path) -> None:
    for path in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody else's, in use, or gone by now
            if time.time() - path.stat().st_mtime > _MADE_AND_LOCKED:
                _remove_unlocked(path)


def _remove_unlocked(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(descriptor)
