"""The file of rejected rows: the original columns, then `row` and `reason`.

Cells are given back exactly as they came, so that the mended file can be imported again.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from services.imports.csv_file import CsvFile, Row

OURS = ("row", "reason")


class Rejects:
    """Writes the file when the first row is rejected; no row, no file."""

    def __init__(self, path: Path, file: CsvFile) -> None:
        self._path = path
        self._file = file
        # A file of rejected rows has our two columns already: they are told anew.
        self._width = len(file.columns) - 2 * (file.columns[-2:] == OURS)
        self._text: TextIO | None = None
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._text is not None:
            self._text.close()

    @property
    def path(self) -> Path | None:
        """Where the rejected rows are, if any."""
        return self._path if self.count else None

    def add(self, rejected: Iterable[tuple[Row, int, str]]) -> None:
        """Append rows, each with its line in the file and the reason."""
        rows = [self._cells(*each) for each in rejected]
        if not rows:
            return
        self._text = self._text or self._open()
        csv.writer(self._text, delimiter=self._file.delimiter).writerows(rows)
        self._text.flush()
        self.count += len(rows)

    def _cells(self, row: Row, line: int, reason: str) -> Row:
        missing = [""] * (self._width - len(row))
        surplus = row[len(self._file.columns) :]
        return [*row[: self._width], *missing, str(line), reason, *surplus]

    def _open(self) -> TextIO:
        encoding = "utf-8-sig" if self._file.bom else "utf-8"
        text = self._path.open("w", encoding=encoding, newline="")
        csv.writer(text, delimiter=self._file.delimiter).writerow(
            [*self._file.columns[: self._width], *OURS]
        )
        return text
