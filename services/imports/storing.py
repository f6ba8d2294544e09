"""What stores a batch of rows: the same in this process and in a worker."""

import marshal
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from db.queries.event_import import commit_lazily
from db.session import write
from services.actor import Actor
from services.clock import utc_now
from services.imports.batch import BatchResult, Verdict
from services.imports.csv_file import Row
from services.imports.event_batch import EventBatches
from services.imports.event_rows import EventRows
from services.imports.kinds import Kind

Store = Callable[[Sequence[bytes]], BatchResult]


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker has to know of an import."""

    by: Actor
    kind: Kind
    mapping: dict[str, str | None]
    columns: tuple[str, ...]


def pack(rows: list[Row], lines: list[int]) -> bytes:
    """A part of a batch on its way; marshal takes a third of pickle's time for lists of texts."""
    return marshal.dumps((rows, lines), 2)


def storer(job: Job) -> Store:
    """A function that stores a batch, given in parts, in one transaction of its own."""
    if job.kind == "customers":
        # They need scoring models, hence numpy: a quarter of a worker's start.
        from services.imports import customer_batch
        from services.imports.customer_rows import CustomerRows

        customers = CustomerRows(job.mapping, job.columns)

        def work(session: Session, rows: Sequence[Row]) -> Verdict:
            return customer_batch.store(
                session, by=job.by, reader=customers, rows=rows, now=utc_now()
            )
    else:
        events = EventBatches(EventRows(job.kind, job.mapping, job.columns))

        def work(session: Session, rows: Sequence[Row]) -> Verdict:
            commit_lazily(session)  # the import's end, which releases the queue, waits
            return events.store(session, rows, now=utc_now())

    def store(parts: Sequence[bytes]) -> BatchResult:
        rows: list[Row] = []
        lines: list[int] = []
        for part in parts:
            more_rows, more_lines = marshal.loads(part)  # noqa: S302 - our own
            rows += more_rows
            lines += more_lines
        verdict = write(lambda session: work(session, rows))
        rejected = [(rows[place], lines[place], reason) for place, reason in verdict.rejected]
        return BatchResult(verdict.accepted, verdict.duplicates, verdict.updated, rejected)

    return store
