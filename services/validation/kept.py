"""What a process keeps of the last validations: one at a time, for an hour at most."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore
from typing import Any, TypeVar

from services.validation.views import BusyError

ANSWERS = 32
PATIENCE = 20.0
"""Seconds to wait for somebody else's validation, which may be the same one."""
IN_LINE = 4
"""Who works and who waits: each holds a connection meanwhile, and others need some too."""

SECONDS = 3600.0
"""Events that came in meanwhile change no past date, but an import of old ones may."""

_BUSY = "Another validation is being worked on: try again in a moment."

T = TypeVar("T")
Key = tuple[Any, ...]

_working = Lock()
_in_line = Semaphore(IN_LINE)
_kept: OrderedDict[Key, tuple[float, Any]] = OrderedDict()


@contextmanager
def alone() -> Iterator[None]:
    """One validation at a time: each may take a processor for seconds, and 100 MB.

    Raises:
        BusyError: somebody else's takes too long, or too many wait for it.
    """
    if not _in_line.acquire(blocking=False):
        raise BusyError(_BUSY)
    try:
        if not _working.acquire(timeout=PATIENCE):
            raise BusyError(_BUSY)
        try:
            yield
        finally:
            _working.release()
    finally:
        _in_line.release()


def kept(key: Key, make: Callable[[], T], *, most: int = ANSWERS) -> T:
    """What was made for this key before, or is now; of its kind (`key[0]`) the last `most` stay."""
    now = time.monotonic()
    for other in [other for other, (made, _) in _kept.items() if made < now - SECONDS]:
        del _kept[other]
    if key not in _kept:
        _kept[key] = now, make()
        alike = [other for other in _kept if other[0] == key[0]]
        for other in alike[:-most]:
            del _kept[other]
    _kept.move_to_end(key)
    found: T = _kept[key][1]
    return found
