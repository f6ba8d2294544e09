"""Columns of numbers as PostgreSQL's text forms, and rows grouped by a code of their keys."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Columns = dict[str, Sequence[str]]
"""A table's columns as COPY takes them, all equally long."""

_TIMES = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}+00" for s in range(86_400)]
_EPOCH = date(1970, 1, 1)


def moments(seconds: Ints) -> list[str]:
    """Timestamps of seconds since 1970."""
    days, times = np.divmod(seconds, 86_400)
    return [
        f"{day} {_TIMES[time]}" for day, time in zip(day_texts(days), times.tolist(), strict=True)
    ]


def day_texts(days: Ints) -> list[str]:
    """Dates of days since 1970."""
    distinct, places = np.unique(days, return_inverse=True)
    names = [day_of(day).isoformat() for day in distinct.tolist()]
    return [names[place] for place in places.tolist()]


def day_of(day: int) -> date:
    """The date that lies so many days after 1970-01-01."""
    return _EPOCH + timedelta(days=day)


def groups(code: Ints) -> tuple[Ints, Ints, NDArray[np.intp]]:
    """The distinct codes in order, where each starts in the sorted column, and the sorting."""
    order = np.argsort(code, kind="stable")
    distinct, starts = np.unique(code[order], return_index=True)
    return distinct, starts, order


def zipped(*columns: Ints) -> Iterator[tuple[int, ...]]:
    """Rows of Python integers."""
    return zip(*(column.tolist() for column in columns), strict=True)
