"""A file that arrives in pieces."""

import gc
from pathlib import Path

import pytest

from ui.imports.spool import MAX_BYTES, Spool

pytestmark = pytest.mark.unit


def test_pieces_make_the_file_however_often_each_is_sent(tmp_path: Path) -> None:
    spool = Spool(tmp_path, name="../../etc/passwd", size=6)
    for offset, content in [(0, b"abc"), (0, b"abc"), (5, b"x"), (3, b"defg"), (3, b"def")]:
        assert not spool.complete
        spool.append(offset, content)
    assert spool.complete
    assert spool.path.parent == tmp_path
    assert spool.path.read_bytes() == b"abcdef"


def test_an_empty_file_is_whole_at_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path, name="a.csv", size=0)
    assert spool.complete
    assert spool.path.read_bytes() == b""


def test_a_file_that_is_too_large_is_never_taken(tmp_path: Path) -> None:
    spool = Spool(tmp_path, name="a.csv", size=MAX_BYTES + 1)
    spool.append(0, b"abc")
    assert spool.problem
    assert not list(tmp_path.iterdir())


def test_a_disk_that_takes_no_more_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    spool = Spool(folder, name="a.csv", size=3)
    assert spool.problem
    assert "No such file" in spool.problem
    assert not spool.complete


def test_the_file_goes_with_whoever_held_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path, name="a.csv", size=3)
    assert spool.path.exists()
    del spool
    gc.collect()
    assert not list(tmp_path.iterdir())
