"""Reading files as RFC 4180 has them, and saying where one isn't."""

import tracemalloc
from pathlib import Path

import pytest

from services.imports import ImportRefused, guess_kind, inspect, problems, suggest
from services.imports.csv_file import Row, blocks, open_csv
from services.imports.rejects import Rejects

pytestmark = pytest.mark.unit


def read(path: Path, content: bytes, *, rows: int = 2) -> tuple[list[Row], list[int]]:
    """Every row and the line that it begins on, read so many at a time."""
    path.write_bytes(content)
    found, lines = [], []
    for block in blocks(open_csv(path), rows=rows):
        assert len(block.rows) <= rows
        found += block.rows
        lines += block.lines
    return found, lines


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("delimiter", [b",", b";", b"\t"])
def test_reads_quotes_line_breaks_and_delimiters(
    tmp_path: Path, bom: bytes, end: bytes, delimiter: bytes
) -> None:
    lines = [b"a,b", b'"x,y",1', b'"two', b'lines ""quoted""",2', b"", b",", b"\xc3\xa4,3"]
    content = bom + end.join(line.replace(b",", delimiter) for line in lines)
    broken = end.decode().join(["two", 'lines "quoted"'])
    mark = delimiter.decode()
    assert read(tmp_path / "a.csv", content) == (
        [[f"x{mark}y", "1"], [broken, "2"], ["", ""], ["ä", "3"]],
        [2, 3, 6, 7],
    )
    assert open_csv(tmp_path / "a.csv").columns == ("a", "b")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no header"),
        (b"\n\n", "has no header"),
        (b"a,b\n1,2\n\xff,3\n", "Line 3: the file is not UTF-8"),
        ("a,b\nä,2\n".encode("utf-16"), "Line 1: the file is not UTF-8"),
        (b'a,b\n1,2\n3,4\n5,"6\n7,8\n', "Line 4: a quote that opens a cell is never closed"),
        (b'a,b\n1,2\n"3"4,5\n', "Line 3: the quotes are not as CSV has them"),
        (b'a,b\n1,"' + b"x" * 200_000, "Line 2: a quote that opens a cell is never closed"),
    ],
)
def test_refuses_a_file_with_the_place_and_the_reason(
    tmp_path: Path, content: bytes, said: str
) -> None:
    with pytest.raises(ImportRefused, match=said):
        read(tmp_path / "a.csv", content)


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="can't be read: No such file"):
        inspect(tmp_path / "none.csv")


def test_columns_suggest_the_kind_and_the_mapping(tmp_path: Path) -> None:
    columns = ["Account ID", "Type", "occurredAt", "user-id", "E-Mail", "Notes"]
    mapping = suggest("events", columns)
    told = {field: column for field, column in mapping.items() if column}
    assert told == {
        "external_id": "Account ID",
        "event_type": "Type",
        "timestamp": "occurredAt",
        "user_id": "user-id",
        "email": "E-Mail",
    }
    assert guess_kind(columns) == "events"
    assert guess_kind(["Company", "Email Address", "Segment", "ARR"]) == "customers"
    assert guess_kind(["Email", "Invoice Number", "Total", "Due"]) == "invoices"
    assert guess_kind(["Email", "Ticket", "Created", "Closed"]) == "tickets"
    assert guess_kind(["a", "b"]) is None


def test_a_mapping_is_checked_before_the_file_is_read() -> None:
    columns = ["who", "what", "when", "when"]
    mapping = {"email": "who", "event_type": "none", "timestamp": "when", "colour": "who"}
    assert problems("events", mapping, columns) == [
        "The file has no column 'none' for the field event_type.",
        "The file has more than one column 'when' for the field timestamp.",
        "There is no field 'colour' in events.",
    ]
    assert problems("events", {"event_data.colour": "what"}, columns) == [
        "No column is mapped to event_type, which events need.",
        "No column is mapped to timestamp, which events need.",
        "No column names the customer: map customer_id, external_id or email.",
    ]


def test_rejected_rows_come_back_as_they_were_and_once_more(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfname;note\n=1+1;x\n")
    with Rejects(tmp_path / "b.csv", open_csv(path)) as rejects:
        rejects.add(
            [(["=1+1", 'a "b"\r\nc'], 2, "no"), (["short"], 5, "no"), (list("abc"), 6, "-")]
        )
    assert (tmp_path / "b.csv").read_bytes() == (
        b"\xef\xbb\xbfname;note;row;reason\r\n"
        b'=1+1;"a ""b""\r\nc";2;no\r\n'
        b"short;;5;no\r\n"
        b"a;b;6;-;c\r\n"
    )
    with Rejects(tmp_path / "c.csv", open_csv(tmp_path / "b.csv")) as rejects:
        rejects.add([(["=1+1", "x", "2", "no"], 2, "still no")])
    assert (tmp_path / "c.csv").read_bytes().endswith(b"reason\r\n=1+1;x;2;still no\r\n")


def test_no_rejected_row_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    with Rejects(tmp_path / "b.csv", open_csv(tmp_path / "a.csv")) as rejects:
        rejects.add([])
    assert not (tmp_path / "b.csv").exists()


MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n" + b"x" * (3 * MEGABYTE), "a line of more than 1 MB"),
        (b"a" * (MEGABYTE + 1), "a line of more than 1 MB"),
        (b"," * (3 * MEGABYTE) + b"\n1\n", "a line of more than 1 MB"),
        (b"a," * 1_000 + b"a\n1\n", "1,001 columns"),
        (b"," * (MEGABYTE - 9) + b"a\n1\n", "1,048,568 columns"),
    ],
)
def test_what_would_fill_the_memory_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bomb.csv"
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=said):
        open_csv(path)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_of_any_ending_may_be_many(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(end.join([b"a,b", *[b"12,34"] * 500_000]))
    assert open_csv(path).longest_line == 5


def test_rows_of_very_many_cells_are_read_few_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes(b"a,b\n" + (b"," * 500_000 + b"\n") * 40)
    found = open_csv(path)
    tracemalloc.start()
    try:
        assert sum(len(block.rows) for block in blocks(found, rows=5_000)) == 40
        # Two blocks of 16 rows at a time; all 40 rows at once are 160 MB.
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()


def test_a_quote_that_is_never_closed_ends_after_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    path.write_bytes(b'a,b\n"' + b"x\n" * 5_000_000)
    found = open_csv(path)
    tracemalloc.start()
    try:
        with pytest.raises(ImportRefused, match="never closed"):
            list(blocks(found, rows=5_000))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
