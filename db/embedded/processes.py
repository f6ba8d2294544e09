"""The operating system's view of the server: who runs on a data directory, who was left over."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def postmaster_pid(data: Path) -> int | None:
    """The running server's process id, or None where `postmaster.pid` is missing or stale."""
    with suppress(OSError, ValueError, IndexError):
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        if is_server(pid, data):
            return pid
    return None


def is_server(pid: int, data: Path, *, when_hidden: bool = True) -> bool:
    """Whether the process is alive and PostgreSQL on this data directory.

    A killed server's number may belong to any other process by now, or to a zombie.
    Hardened kernels hide a process's folder even from root: `when_hidden` is what to
    answer then for a process that is PostgreSQL by its name.
    """
    if not PROC.is_dir():
        return _exists(pid)
    try:
        name, _, rest = (PROC / str(pid) / "stat").read_text().partition("(")[2].rpartition(")")
        if name != "postgres" or rest.split()[0] in {"Z", "X"}:
            return False
        return (PROC / str(pid) / "cwd").samefile(data)
    except PermissionError:
        return when_hidden
    except OSError:
        return False


def is_alive(pid: int) -> bool:
    """Whether the process exists and isn't a zombie."""
    if not PROC.is_dir():
        return _exists(pid)
    with suppress(OSError):
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
        return state not in {"Z", "X"}
    return False


def socket_dir(data: Path) -> Path | None:
    """The folder of the running server's socket, which it wrote down itself."""
    with suppress(OSError, IndexError):
        line = (data / "postmaster.pid").read_text().splitlines()[4]
        return Path(line) if line else None
    return None


def clear_stale(data: Path, sockets: Path) -> None:
    """Remove what a killed server left behind; call only under the start lock, server gone."""
    for child in _left_over(data):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGQUIT)
    for stale in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)


def stop_server(data: Path, *, patience: float) -> bool:
    """Ask the server to shut down (sessions are cut off); after `patience` seconds more firmly."""
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        pid = postmaster_pid(data)
        if pid is None:
            return True
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + patience
        while is_server(pid, data):
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        else:
            return True
    return postmaster_pid(data) is None


def _left_over(data: Path) -> Iterator[int]:
    """Children that outlive a killed server for a moment and still hold its shared memory."""
    for entry in PROC.glob("[0-9]*"):
        if is_server(int(entry.name), data, when_hidden=False):
            yield int(entry.name)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
