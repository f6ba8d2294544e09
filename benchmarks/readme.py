"""The README's lines: rows of `results.md`, word for word."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.report import table
from benchmarks.rows import Row

BEGIN, END = "<!-- bench: written by make bench -->", "<!-- /bench -->"
CHOSEN = (
    "rescore: signals",
    "rescore: with every row",
    "rescore: the same against",
    "growth:",
    "single events over HTTP, 8",
    "bulk events over HTTP",
    "list page of",
    "first page by score",
    "dashboard stats",
)
"""How the rows begin that the README shows."""


def update(file: Path, rows: Sequence[Row]) -> None:
    """Put the chosen rows between the marks.

    Raises:
        ValueError: the file has no marks.
    """
    before, begin, rest = file.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{file} has no {BEGIN} … {END}")
    lines = "\n".join(table(chosen(rows)))
    file.write_text(f"{before}{BEGIN}\n{lines}\n{END}{after}")


def chosen(rows: Iterable[Row]) -> list[Row]:
    """The rows that the README shows, in the order of the results."""
    return [row for row in rows if row.what.startswith(CHOSEN)]
