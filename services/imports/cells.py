"""Cells as JSON values. What isn't clearly one stays text: the schemas tell what is wrong."""

import re
from decimal import Decimal
from functools import lru_cache

from services.event_content import MAX_DIGITS

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SPACED = re.compile(r"(\d{4}-\d\d-\d\d) +(\d\d:\d\d.*)", re.ASCII)


@lru_cache(maxsize=20_000)
def number(cell: str) -> int | Decimal | str:
    """A number as JSON writes one."""
    text = cell.strip()
    found = _NUMBER.fullmatch(text)
    if not found or len(text) > MAX_DIGITS:
        return cell
    return Decimal(text) if found[1] or found[2] else int(text)


def moment(cell: str) -> str:
    """A timestamp; databases write a space where ISO 8601 has a T."""
    text = cell.strip()
    spaced = _SPACED.fullmatch(text)
    return f"{spaced[1]}T{spaced[2]}" if spaced else text


def start(cell: str) -> str:
    """A timestamp, or a day, which stands for its first moment."""
    text = cell.strip()
    return f"{text}T00:00:00Z" if _DAY.fullmatch(text) else moment(cell)
