"""Times of events as text, of which one order holds for the times and for their texts.

A column of times is compared, cut into days and stored without a single time being built.
"""

import re
from datetime import UTC, date, datetime

from services.event_fields import EARLIEST

_UTC = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|\+00:00)", re.ASCII
)
_DAY, _SECOND, _MICROSECOND = map(
    len, ("2026-05-04", "2026-05-04T09:30:00", "2026-05-04T09:30:00.000000")
)
_EARLIEST_DAY = EARLIEST.date()


class _Days(dict[str, bool]):
    """Which texts name a day that exists and that events may have."""

    def __missing__(self, text: str) -> bool:
        try:
            known = date.fromisoformat(text) >= _EARLIEST_DAY
        except ValueError:
            known = False
        self[text] = known  # at most the days of 8,000 years
        return known


_days = _Days()


def plain(cell: str) -> str | None:
    """What `text` makes of the time that a cell tells; None unless it plainly tells one."""
    if not _UTC.fullmatch(cell) or not _days[cell[:_DAY]]:
        return None
    told = cell[:-1] if cell[-1] == "Z" else cell[: -len("+00:00")]
    if len(told) == _SECOND:
        return told
    told = told.ljust(_MICROSECOND, "0")
    return told[:_SECOND] if told.endswith(".000000") else told


def text(moment: datetime) -> str:
    """An aware time's text: ISO 8601 in UTC, without its offset."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def moment(text: str) -> datetime:
    """The time of which this is the text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
