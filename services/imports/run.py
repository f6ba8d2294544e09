"""Loading a file: batch by batch, each in its own transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from db.queries import queue
from db.session import write
from services import audit
from services.actor import Actor
from services.imports.batch import BatchResult
from services.imports.cancel import Cancel
from services.imports.csv_file import CsvFile, blocks, open_csv
from services.imports.dispatch import Batch, Dispatch
from services.imports.errors import ImportRefused
from services.imports.kinds import REFERENCES, Kind, fields
from services.imports.mapping import Mapping, problems
from services.imports.progress import ImportResult, Progress, Tally
from services.imports.rejects import Rejects
from services.imports.storing import Job
from services.imports.workers import Here, Processes

READ = 2_000
"""Rows read at a time."""
SMALL_BYTES = 2 * 1024 * 1024
"""A file that is loaded before further processes would have started."""


def run_import(
    path: Path,
    *,
    by: Actor,
    kind: Kind,
    mapping: Mapping,
    rejected_path: Path,
    progress: Callable[[Progress], None] | None = None,
    cancel: Cancel | None = None,
) -> ImportResult:
    """Load the file's rows; what can't be stored goes to `rejected_path` with its reason.

    Every batch commits by itself: after a crash, importing the same file again completes it
    and counts nothing twice.

    Args:
        progress: is told after every batch, in the caller's thread.
        cancel: set, it stops the import between two batches.

    Raises:
        ImportRefused: the file, or the mapping, can't be imported.
        ImportInterrupted: a process that took part was killed.
        DBAPIError: the database is away.
    """
    file = open_csv(path)
    found = problems(kind, mapping, file.columns)
    if path.resolve() == rejected_path.resolve():
        found.append("The rejected rows would overwrite the file itself.")
    if found:
        raise ImportRefused(" ".join(found))
    job = Job(by, kind, {name: column for name, column in mapping.items() if column}, file.columns)
    stop = cancel or Cancel()
    tell = progress or (lambda _progress: None)
    tally = Tally(file.size_bytes)
    with _begun(job, stop), Rejects(rejected_path, file) as rejects:
        for batch, result in _batches(file, job, stop):
            rejects.add(result.rejected)
            tell(tally.add(result, rows=batch.rows, bytes_read=batch.bytes_read))
    return tally.result(rejected_path, cancelled=stop.is_set())


@contextmanager
def _begun(job: Job, stop: Cancel) -> Iterator[None]:
    """The audit log hears of the beginning and of the end; with the end customers are scored."""
    subject = f"import:{job.kind}-{uuid4().hex[:12]}"
    mapped = [field.name for field in fields(job.kind) if field.name in job.mapping]

    def end(session: Session, action: audit.Action, by: Actor) -> None:
        queue.release(session)
        audit.record(session, by=by, action=action, subject=subject)

    write(
        lambda session: audit.record(
            session, by=job.by, action="import.started", subject=subject, fields=mapped
        )
    )
    try:
        yield
    except BaseException:
        with suppress(SQLAlchemyError):  # what went wrong before is what counts
            write(lambda session: end(session, "import.failed", job.by))
        raise
    if stop.is_set():
        write(lambda session: end(session, "import.cancelled", stop.by or job.by))
    else:
        write(lambda session: end(session, "import.finished", job.by))


def _batches(file: CsvFile, job: Job, stop: Cancel) -> Iterator[tuple[Batch, BatchResult]]:
    with _workers(file, job) as workers:
        places = [
            file.columns.index(job.mapping[name]) for name in REFERENCES if name in job.mapping
        ]
        dispatch = Dispatch(workers, places, size_bytes=file.size_bytes)
        for block in blocks(file, rows=READ):
            if stop.is_set():
                break
            yield from dispatch.take(block)
        yield from dispatch.finish(stop)


def _workers(file: CsvFile, job: Job) -> Here | Processes:
    return Here(job) if file.size_bytes <= SMALL_BYTES else Processes(job)
