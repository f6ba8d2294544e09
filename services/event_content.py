"""What makes two events the same, and what an event may hold at most.

One canonical text of an event's data serves its size limit, its content hash and
its storage, so the three can't disagree.
"""

import hashlib
import json
import math
import sys
from decimal import Decimal
from json.encoder import encode_basestring

MAX_BYTES = 32 * 1024
MAX_DEPTH = 10
MAX_DIGITS = 1_000

_LARGEST = Decimal(sys.float_info.max)
_SMALLEST = Decimal(sys.float_info.min)
_PLAIN_INTEGER = 10**18
_PLAIN_DIGITS = 20

Path = tuple[str | int, ...]


class ContentError(ValueError):
    """A value that JSON, PostgreSQL or the limits don't allow; says where and why."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = printable(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}" if path else reason)


def printable(path: Path) -> str:
    """The path as dotted text that any encoder takes, whatever the keys hold."""
    dotted = ".".join(str(part) for part in path)
    return dotted[:200].encode("unicode_escape").decode("ascii")


def canonical_json(value: object, path: Path = ()) -> str:
    """JSON text that is the same for equal JSON values: `1`, `1.0` and `1e0`, any key order.

    Numbers are written out without an exponent, exactly, as PostgreSQL's jsonb keeps them.

    Raises:
        ContentError: NaN, Infinity, a number beyond a double's range or of more than
            1,000 digits, NUL or a lone surrogate in a string or key, nesting beyond 10
            levels (`path` counts), or something that is not a JSON value.
    """
    try:
        text = _plain(value, MAX_DEPTH - len(path))
        if not text.isascii():
            text.encode()  # not with a lone surrogate
    except (_NotPlainError, TypeError, UnicodeEncodeError):
        return exact_json(value, path)
    return exact_json(value, path) if r"\u0000" in text else text


def exact_json(value: object, path: Path = ()) -> str:
    """The same text, or the reason why there is none; takes its time."""
    if isinstance(value, str):
        return _string(value, path)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _number(value, path)
    if isinstance(value, dict | list) and len(path) >= MAX_DEPTH:
        raise ContentError(path, f"is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return _object(value, path)
    if isinstance(value, list):
        items = (exact_json(item, (*path, index)) for index, item in enumerate(value))
        return "[" + ",".join(items) + "]"
    raise ContentError(path, "is not a JSON value")


def byte_length(text: str) -> int:
    """How long the text is in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def content_hash(event_type: str, data_json: str) -> bytes:
    """SHA-256 over the event's type and the canonical text of its data."""
    return hashlib.sha256(f"{event_type}\n{data_json}".encode()).digest()


class _NotPlainError(Exception):
    """Not what nearly every event consists of."""


def _plain(value: object, levels: int) -> str:
    """The text of usual values at a fifth of the cost, without a path to carry along.

    Strings may come out that no event may hold: the caller looks for them in the whole.
    """
    if type(value) is str:
        return encode_basestring(value)
    if type(value) is int and -_PLAIN_INTEGER < value < _PLAIN_INTEGER:
        return str(value)
    if type(value) is dict and levels > 0:
        return _plain_object(value, levels - 1)
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is Decimal and value:
        return _plain_decimal(str(value))
    if type(value) is list and levels > 0:
        return "[" + ",".join([_plain(item, levels - 1) for item in value]) + "]"
    raise _NotPlainError


def _plain_object(value: dict[str, object], levels: int) -> str:
    members = []
    for key, member in value.items():
        if type(member) is str:  # most are: a call less
            members.append(f"{encode_basestring(key)}:{encode_basestring(member)}")
        else:
            members.append(f"{encode_basestring(key)}:{_plain(member, levels)}")
    members.sort()
    return "{" + ",".join(members) + "}"


def _plain_decimal(text: str) -> str:
    if len(text) > _PLAIN_DIGITS or "E" in text or "N" in text or "I" in text:
        raise _NotPlainError
    return text.rstrip("0").rstrip(".") if "." in text else text


def _object(value: dict[object, object], path: Path) -> str:
    members = []
    for key, member in value.items():
        if not isinstance(key, str):
            raise ContentError(path, "has a key that is not a string")
        inner = (*path, key)
        members.append(_string(key, inner) + ":" + exact_json(member, inner))
    return "{" + ",".join(sorted(members)) + "}"


def _string(value: str, path: Path) -> str:
    if "\x00" in value:
        raise ContentError(path, "contains a NUL character")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise ContentError(path, "contains a lone surrogate")
    return json.dumps(value, ensure_ascii=False)


def _number(value: float | Decimal, path: Path) -> str:
    if isinstance(value, int):
        if value.bit_length() > sys.float_info.max_exp:
            raise ContentError(path, "is a number too large")
        return str(value)
    if not (math.isfinite(value) if isinstance(value, float) else value.is_finite()):
        raise ContentError(path, "is not a finite number")
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if not exact:
        return "0"
    # copy_abs: the arithmetic abs() rounds to 28 digits.
    if not _SMALLEST <= exact.copy_abs() <= _LARGEST:
        raise ContentError(path, "is a number too large or too small")
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text) > MAX_DIGITS:
        raise ContentError(path, f"is a number of more than {MAX_DIGITS} digits")
    return text
