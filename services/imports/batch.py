"""What became of a batch of rows."""

from dataclasses import dataclass, field
from datetime import timedelta

from services.imports.csv_file import Row

SCORE_AFTER = timedelta(hours=1)
"""Longer than a big import: its end releases what waits, and only a crash leaves it waiting."""


@dataclass(slots=True)
class Verdict:
    """Counts of rows, and (place in the batch, reason) of those rejected."""

    accepted: int = 0
    duplicates: int = 0
    updated: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class BatchResult:
    """The same for those who haven't got the batch: rejected are (row, its line, reason)."""

    accepted: int = 0
    duplicates: int = 0
    updated: int = 0
    rejected: list[tuple[Row, int, str]] = field(default_factory=list)
