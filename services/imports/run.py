"""Loading a file: batch by batch, each in its own transaction."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

from sqlmodel import Session

from db.session import write
from services.clock import utc_now
from services.imports import customer_batch, event_batch
from services.imports.batch import BatchResult
from services.imports.csv_file import CsvFile, Row, blocks, open_csv
from services.imports.customer_rows import CustomerRows
from services.imports.errors import ImportRefused
from services.imports.event_rows import EventRows
from services.imports.kinds import Kind
from services.imports.mapping import Mapping, problems
from services.imports.progress import ImportResult, Progress
from services.imports.rejects import Rejects

BATCH = 4_000
"""Rows a transaction."""


def run_import(
    path: Path,
    *,
    kind: Kind,
    mapping: Mapping,
    rejected_path: Path,
    progress: Callable[[Progress], None] | None = None,
    cancel: Event | None = None,
) -> ImportResult:
    """Load the file's rows; what can't be stored goes to `rejected_path` with its reason.

    Every batch commits by itself: after a crash, importing the same file again completes it
    and counts nothing twice.

    Args:
        progress: is told after every batch, in the caller's thread.
        cancel: set, it stops the import between two batches.

    Raises:
        ImportRefused: the file, or the mapping, can't be imported.
        DBAPIError: the database is away.
    """
    file = open_csv(path)
    found = problems(kind, mapping, file.columns)
    if found:
        raise ImportRefused(" ".join(found))
    store = _store(kind, mapping, file)
    totals = _Totals()
    cancelled = False
    with Rejects(rejected_path, file) as rejects:
        for block in blocks(file, rows=BATCH):
            if cancel is not None and cancel.is_set():
                cancelled = True
                break
            result = store(block.rows)
            rejects.add(
                (block.rows[place], block.lines[place], reason) for place, reason in result.rejected
            )
            totals.add(len(block.rows), result)
            if progress is not None:
                progress(totals.progress(block.bytes_done, file.size_bytes))
    return totals.result(rejects.path, cancelled=cancelled)


def _store(kind: Kind, mapping: Mapping, file: CsvFile) -> Callable[[Sequence[Row]], BatchResult]:
    def customers(rows: Sequence[Row]) -> BatchResult:
        reader = CustomerRows(mapping, file.columns)
        return write(
            lambda session: customer_batch.store(session, reader=reader, rows=rows, now=utc_now())
        )

    def events(rows: Sequence[Row]) -> BatchResult:
        reader = EventRows(kind, mapping, file.columns)

        def work(session: Session) -> BatchResult:
            return event_batch.store(session, reader=reader, rows=rows, now=utc_now())

        return write(work)

    return customers if kind == "customers" else events


class _Totals:
    def __init__(self) -> None:
        self._started = time.monotonic()
        self._rows = 0
        self._sum = BatchResult()
        self._rejected = 0

    def add(self, rows: int, result: BatchResult) -> None:
        self._rows += rows
        self._sum.accepted += result.accepted
        self._sum.duplicates += result.duplicates
        self._sum.updated += result.updated
        self._rejected += len(result.rejected)

    def progress(self, bytes_done: int, bytes_total: int) -> Progress:
        seconds = max(time.monotonic() - self._started, 1e-9)
        return Progress(
            bytes_done=bytes_done,
            bytes_total=bytes_total,
            rows=self._rows,
            accepted=self._sum.accepted,
            duplicates=self._sum.duplicates,
            rejected=self._rejected,
            rows_per_second=self._rows / seconds,
        )

    def result(self, rejected_path: Path | None, *, cancelled: bool) -> ImportResult:
        return ImportResult(
            rows=self._rows,
            accepted=self._sum.accepted,
            duplicates=self._sum.duplicates,
            updated=self._sum.updated,
            rejected=self._rejected,
            seconds=time.monotonic() - self._started,
            rejected_path=rejected_path,
            cancelled=cancelled,
        )
