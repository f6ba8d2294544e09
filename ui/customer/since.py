"""Since when a customer has its status, from the snapshots."""

from collections.abc import Sequence
from datetime import date

from services.views import SnapshotItem, Status
from ui import format as as_text


def since(history: Sequence[SnapshotItem], status: Status, *, as_of: date, days: int) -> str:
    """ "since 19 October", "since today", or "for at least 90 days" when it began before that.

    Args:
        history: snapshots of the `days` that end with `as_of`, oldest first.
        status: the status on `as_of`, which the newest snapshot may not know yet.
    """
    first = as_of
    for snapshot in reversed(history):
        if snapshot.day == as_of:
            continue
        if snapshot.status != status:
            break
        first = snapshot.day
    if (as_of - first).days + 1 >= days:
        return f"for at least {days} days"
    return "since today" if first == as_of else f"since {as_text.day_and_month(first)}"
