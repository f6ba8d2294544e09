"""What became of a batch of rows."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class BatchResult:
    """Counts of rows, and (place in the batch, reason) of those rejected."""

    accepted: int = 0
    duplicates: int = 0
    updated: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)
