"""Reading JSON exactly, and refusing what isn't JSON."""

from decimal import Decimal

import pytest

from services.json_input import JsonError, parse_json

pytestmark = pytest.mark.unit


def test_numbers_keep_every_digit() -> None:
    value = parse_json(b'{"a": 0.10000000000000000001, "b": 12345678901234567890123, "c": 1e-400}')
    assert value == {
        "a": Decimal("0.10000000000000000001"),
        "b": 12345678901234567890123,
        "c": Decimal("1e-400"),
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"\xff\xfe",
        '{"a": 1}'.encode("utf-16"),
        b'\xef\xbb\xbf{"a": 1}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 5_000,
        b"1e9999999999999999999999",
        b"{'a': 1}",
    ],
)
def test_what_is_not_json_is_one_clean_error(raw: bytes) -> None:
    with pytest.raises(JsonError) as caught:
        parse_json(raw)
    str(caught.value).encode("ascii")
