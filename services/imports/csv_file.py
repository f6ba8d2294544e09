"""Reading a CSV file (RFC 4180) block by block: nothing ever holds all of it."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from services.imports.errors import ImportRefused

_PIECE = 1 << 20
_LONGEST_LINE = 1 << 20
_MOST_COLUMNS = 1_000
_BLOCK = 8 << 20
"""Bytes of a block's longest line, taken for all of its rows: cells take up to eight times that."""
_LONGEST_CELL = 131_072
"""Python's default: an event may hold 32 KB, so a longer cell is a quote that nobody closed."""

Row = list[str]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file that can be read: text, with a header."""

    path: Path
    columns: tuple[str, ...]
    delimiter: str
    bom: bool
    size_bytes: int
    longest_line: int


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows (blank lines left out) and the line on which each begins."""

    rows: list[Row]
    lines: list[int]
    bytes_done: int


def open_csv(path: Path) -> CsvFile:
    """Look at a file's encoding, from its first to its last byte, and at its header.

    Raises:
        ImportRefused: not readable, not UTF-8, without a header, or of lines or columns that no
            table has.
    """
    try:
        bom, longest_line = _check_bytes(path)
        with _text(path) as text:
            first = text.readline(_LONGEST_CELL)
            delimiter = _delimiter(first)
            text.seek(0)
            header = next(csv.reader(text, delimiter=delimiter, strict=True), [])
        size_bytes = path.stat().st_size
    except OSError as error:
        raise ImportRefused(f"The file can't be read: {error.strerror}.") from None
    except csv.Error as error:
        raise ImportRefused(f"The header can't be read: {error}.") from None
    columns = tuple(header)
    if not any(column.strip() for column in columns):
        raise ImportRefused("The file has no header: its first line must name the columns.")
    if len(columns) > _MOST_COLUMNS:
        raise ImportRefused(f"The file has {len(columns):,} columns; {_MOST_COLUMNS:,} are enough.")
    return CsvFile(path, columns, delimiter, bom, size_bytes, longest_line)


def blocks(file: CsvFile, *, rows: int) -> Iterator[Block]:
    """The file's rows, so many at a time, or fewer where lines are long.

    Raises:
        ImportRefused: quotes that RFC 4180 doesn't allow, with the line where the row begins.
    """
    rows = max(1, min(rows, _BLOCK // max(1, file.longest_line)))
    with _text(file.path) as text:
        reader = csv.reader(text, delimiter=file.delimiter, strict=True)
        next(reader, None)
        while True:
            before = reader.line_num
            found: list[Row] = []
            try:
                found.extend(islice(reader, rows))
            except csv.Error as error:
                line = (_starts(found, before) or [before + 1])[-1]
                line += _height(found[-1]) if found else 0
                raise ImportRefused(f"Line {line}: {_explain(error)}.") from None
            if not found:
                return
            if reader.line_num - before == len(found):
                lines = list(range(before + 1, reader.line_num + 1))
            else:
                lines = _starts(found, before)
            if [] in found:
                kept = [(row, line) for row, line in zip(found, lines, strict=True) if row]
                found, lines = [row for row, _ in kept], [line for _, line in kept]
            yield Block(found, lines, text.buffer.tell())


def _check_bytes(path: Path) -> tuple[bool, int]:
    """Whether a byte order mark begins the file, and the length of its longest line."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, bom, first = 1, False, True
    begun, longest = 0, 0
    with path.open("rb") as raw:
        while True:
            piece = raw.read(_PIECE)
            if first:
                bom, first = piece.startswith(codecs.BOM_UTF8), False
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                # What the decoder kept of the piece before has no line break in it.
                line = lines + error.object[: error.start].count(b"\n")
                raise ImportRefused(
                    f"Line {line}: the file is not UTF-8 text. Save it as CSV UTF-8 and try again."
                ) from None
            if not piece:
                return bom, longest
            parts = piece.replace(b"\r", b"\n").split(b"\n")
            longest = max(longest, begun + len(parts[0]), max(map(len, parts)))
            if longest > _LONGEST_LINE:
                raise ImportRefused("The file has a line of more than 1 MB: that is no table.")
            begun = len(parts[-1]) + (begun if len(parts) == 1 else 0)
            lines += piece.count(b"\n")


def _text(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", newline="")


def _delimiter(header: str) -> str:
    unquoted = "".join(header.split('"')[::2])
    return max(",;\t", key=unquoted.count)


def _starts(found: list[Row], before: int) -> list[int]:
    starts = []
    line = before + 1
    for row in found:
        starts.append(line)
        line += _height(row)
    return starts


def _height(row: Row) -> int:
    return 1 + sum(cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row)


def _explain(error: csv.Error) -> str:
    if "unexpected end" in str(error) or "field larger" in str(error):
        return "a quote that opens a cell is never closed"
    return f"the quotes are not as CSV has them ({error})"
