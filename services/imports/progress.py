"""How far an import is, and how it ended."""

from dataclasses import dataclass
from pathlib import Path


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
