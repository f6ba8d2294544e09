"""What stores a batch of rows: the same in this process and in a worker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from db.session import write
from services.clock import utc_now
from services.imports import customer_batch
from services.imports.batch import BatchResult
from services.imports.csv_file import Row
from services.imports.customer_rows import CustomerRows
from services.imports.event_batch import EventBatches
from services.imports.event_rows import EventRows
from services.imports.kinds import Kind

Store = Callable[[Sequence[Row]], BatchResult]


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker has to know of an import."""

    kind: Kind
    mapping: dict[str, str | None]
    columns: tuple[str, ...]


def storer(job: Job) -> Store:
    """A function that stores a batch in one transaction of its own."""
    if job.kind == "customers":
        customers = CustomerRows(job.mapping, job.columns)

        def work(session: Session, rows: Sequence[Row]) -> BatchResult:
            return customer_batch.store(session, reader=customers, rows=rows, now=utc_now())
    else:
        events = EventBatches(EventRows(job.kind, job.mapping, job.columns))

        def work(session: Session, rows: Sequence[Row]) -> BatchResult:
            return events.store(session, rows, now=utc_now())

    return lambda rows: write(lambda session: work(session, rows))
