"""Batches on their way to be stored: in this process for a small file, else in several."""

import marshal
import os
import subprocess
import sys
from multiprocessing import connection
from multiprocessing.connection import Connection, Pipe
from typing import NamedTuple, Protocol, Self

from services.imports.batch import BatchResult
from services.imports.errors import ImportInterrupted
from services.imports.storing import Job, storer
from settings import PROJECT_ROOT

MOST = 4
LEAVE_SECONDS = 30
PROGRAM = """
import gc, sys
gc.disable()  # looking for garbage would be a fifth of the time that the start takes
from services.imports.worker import main
sys.exit(main(int(sys.argv[1])))
"""


class Stored(NamedTuple):
    """A worker's answer to a batch."""

    worker: int
    result: BatchResult


class Workers(Protocol):
    """Each takes one batch at a time."""

    count: int

    def idle(self) -> list[int]:
        """Who can take a batch."""

    def give(self, worker: int, chunks: list[bytes]) -> None:
        """Let an idle worker store a batch, as `pack` has made its parts."""

    def finished(self, *, wait: bool) -> list[Stored]:
        """Who has stored its batch since; where none has, maybe wait for news."""


class Here:
    """This process as the only worker."""

    count = 1

    def __init__(self, job: Job) -> None:
        self._store = storer(job)
        self._results: list[Stored] = []

    def idle(self) -> list[int]:
        """Always."""
        return [0]

    def give(self, worker: int, chunks: list[bytes]) -> None:
        """Store the batch now."""
        self._results.append(Stored(worker, self._store(chunks)))

    def finished(self, *, wait: bool) -> list[Stored]:  # noqa: ARG002 - it never has to
        """What was stored since."""
        results, self._results = self._results, []
        return results

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Processes:
    """A worker process for each processor, up to four; they end with the context."""

    def __init__(self, job: Job) -> None:
        self.count = min(MOST, os.cpu_count() or 1)
        started = [_start(job) for _ in range(self.count)]
        self._processes = [process for process, _ in started]
        self._pipes = [pipe for _, pipe in started]
        self._busy = set(range(self.count))  # with getting ready

    def idle(self) -> list[int]:
        """Who waits for a batch."""
        return [worker for worker in range(self.count) if worker not in self._busy]

    def give(self, worker: int, chunks: list[bytes]) -> None:
        """Send the batch."""
        self._busy.add(worker)
        try:
            self._pipes[worker].send_bytes(marshal.dumps(chunks, 2))
        except OSError:
            raise _gone() from None

    def finished(self, *, wait: bool) -> list[Stored]:
        """Raises: whatever a worker failed with; ImportInterrupted: a worker was killed."""
        busy = {worker: self._pipes[worker] for worker in self._busy}
        ready = connection.wait(busy.values(), None if wait else 0)
        answers = [self._answer(worker, pipe) for worker, pipe in busy.items() if pipe in ready]
        return [stored for stored in answers if stored is not None]

    def _answer(self, worker: int, pipe: Connection) -> Stored | None:
        try:
            answer = pipe.recv()
        except (EOFError, OSError):
            raise _gone() from None
        if isinstance(answer, Exception):
            raise answer
        self._busy.discard(worker)
        return None if answer is None else Stored(worker, answer)  # None: it is ready

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            try:
                process.wait(LEAVE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _start(job: Job) -> tuple["subprocess.Popen[bytes]", Connection]:
    ours, theirs = Pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is the caller's to act on
    )
    theirs.close()
    ours.send(job)
    return process, ours


def _gone() -> ImportInterrupted:
    return ImportInterrupted(
        "A process that stores rows has ended. Import the file again: nothing counts twice."
    )
