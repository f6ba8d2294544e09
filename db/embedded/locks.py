"""Advisory file locks (flock): the kernel drops them when a process dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from db.embedded.account import Account
from db.embedded.errors import EmbeddedError

POLL_SECONDS = 0.05


def open_lock(path: Path, account: Account | None) -> int:
    """A descriptor of the lock file, created when missing and owned by the server's account."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if account is not None:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


def try_exclusive(descriptor: int) -> bool:
    """Take the lock alone if nobody else holds it."""
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


@contextmanager
def exclusive(path: Path, account: Account | None, *, timeout: float) -> Iterator[None]:
    """Hold the lock alone.

    Raises:
        EmbeddedError: another process holds it for longer than `timeout` seconds.
    """
    descriptor = open_lock(path, account)
    try:
        deadline = time.monotonic() + timeout
        while not try_exclusive(descriptor):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"another process holds {path} for more than {timeout:.0f} s")
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def shared(path: Path, account: Account | None) -> int:
    """Join the holders of the lock; closing the descriptor leaves them."""
    descriptor = open_lock(path, account)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor
