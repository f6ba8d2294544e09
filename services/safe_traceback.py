"""Exceptions for a log: where they happened and what they are, not the data that they quote.

A database's error repeats the row, a conversion's the value. Both may be a customer's.
"""

import traceback
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"
DURING = "\nDuring handling of the above exception, another exception occurred:\n\n"
_NAMED = ("constraint_name", "table_name", "column_name")


def safe_traceback(error: BaseException) -> str:
    """As Python prints it, with a description of ours in place of each message."""
    return "".join(_parts(error)).rstrip("\n")


def describe_safely(error: BaseException) -> str:
    """The type; for a database's error also its code, and which part of the schema it names."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else _qualified(kind)
    if not isinstance(error, DBAPIError):
        return name
    code = getattr(error.orig, "pgcode", None)
    if code is None:  # the connection's own failure: hosts and ports, no row
        reason = str(error.orig).strip().partition("\n")[0]
        return f"{name}: {reason}"
    diagnosis = getattr(error.orig, "diag", None)
    found = ((each, getattr(diagnosis, each, None)) for each in _NAMED)
    said = [f"SQLSTATE {code}", *(f"{each} {value}" for each, value in found if value)]
    return f"{name}: {', '.join(said)}"


def _parts(error: BaseException, seen: frozenset[int] = frozenset()) -> Iterator[str]:
    before, link = error.__cause__, CAUSED
    if before is None and not error.__suppress_context__:
        before, link = error.__context__, DURING
    seen |= {id(error)}
    if before is not None and id(before) not in seen:
        yield from _parts(before, seen)
        yield link
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    yield f"{describe_safely(error)}\n"


def _qualified(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
