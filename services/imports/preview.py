"""A first look at a file: its columns, some rows, and what its columns seem to tell."""

from dataclasses import dataclass
from pathlib import Path

from services.imports.csv_file import Row, blocks, open_csv
from services.imports.kinds import Kind
from services.imports.mapping import guess_kind, problems, suggest

SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person checks before an import."""

    kind: Kind
    columns: tuple[str, ...]
    sample_rows: list[Row]
    """At most 20."""
    mapping: dict[str, str | None]
    """Suggested: a column, or None, for each field."""
    problems: list[str]
    """What the suggested mapping lacks; `problems()` tells it of a changed one."""
    size_bytes: int


def inspect(path: Path, kind: Kind | None = None) -> Preview:
    """Look at a file; without a kind, its header decides (events where it doesn't tell).

    Raises:
        ImportRefused: it can't be read as CSV.
    """
    file = open_csv(path)
    kind = kind or guess_kind(file.columns) or "events"
    first = next(blocks(file, rows=SAMPLE), None)
    mapping = suggest(kind, file.columns)
    return Preview(
        kind=kind,
        columns=file.columns,
        sample_rows=first.rows if first else [],
        mapping=mapping,
        problems=problems(kind, mapping, file.columns),
        size_bytes=file.size_bytes,
    )
