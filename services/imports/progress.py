"""How far an import is, and how it ended."""

import time
from dataclasses import dataclass
from pathlib import Path

from services.imports.batch import BatchResult


@dataclass(frozen=True, slots=True)
class Progress:
    """After a batch; counts are of rows, the heading not included."""

    bytes_done: int
    bytes_total: int
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    rows_per_second: float


@dataclass(frozen=True, slots=True)
class ImportResult:
    """rows = accepted + duplicates + updated + rejected."""

    rows: int
    accepted: int
    """Stored by this import."""
    duplicates: int
    """Stored before, or by an earlier row: nothing changed."""
    updated: int
    """Customers that differed and were changed."""
    rejected: int
    seconds: float
    rejected_path: Path | None
    """The file of rejected rows; None when there are none."""
    cancelled: bool = False
    """Whether it was stopped before the file's end; what is counted is stored."""


class Tally:
    """Adds up batches."""

    def __init__(self, bytes_total: int) -> None:
        self._started = time.monotonic()
        self._bytes_total = bytes_total
        self._bytes_done = 0
        self._rows = 0
        self._rejected = 0
        self._sum = BatchResult()

    def add(self, result: BatchResult, *, rows: int, bytes_read: int) -> Progress:
        """Count a batch that is stored; how far the import is."""
        self._rows += rows
        self._bytes_done += bytes_read
        self._rejected += len(result.rejected)
        self._sum.accepted += result.accepted
        self._sum.duplicates += result.duplicates
        self._sum.updated += result.updated
        return Progress(
            bytes_done=self._bytes_done,
            bytes_total=self._bytes_total,
            rows=self._rows,
            accepted=self._sum.accepted,
            duplicates=self._sum.duplicates,
            rejected=self._rejected,
            rows_per_second=self._rows / max(self._seconds(), 1e-9),
        )

    def result(self, rejected_path: Path, *, cancelled: bool) -> ImportResult:
        """How it ended."""
        return ImportResult(
            rows=self._rows,
            accepted=self._sum.accepted,
            duplicates=self._sum.duplicates,
            updated=self._sum.updated,
            rejected=self._rejected,
            seconds=self._seconds(),
            rejected_path=rejected_path if self._rejected else None,
            cancelled=cancelled,
        )

    def _seconds(self) -> float:
        return time.monotonic() - self._started
