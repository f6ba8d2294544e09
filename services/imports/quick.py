"""The verdict on rows that leave no doubt; whatever isn't plainly in order goes to `judge`."""

from datetime import datetime
from typing import Any, NamedTuple

from services.imports import moments
from services.imports.event_rows import Told
from services.imports.judge import row_id
from services.imports.ready import Content, Ready, content
from services.incoming import AHEAD
from services.plain_events import PlainEvents

_REMEMBERED = 20_000
_LONGEST_ID = 255


class Clock(NamedTuple):
    """Texts of the present and of the latest time that an event may have."""

    now: str
    latest: str

    @classmethod
    def at(cls, now: datetime) -> "Clock":
        """As of this time."""
        return cls(moments.text(now), moments.text(now + AHEAD))


class Quick:
    """Judges what rows tell, and remembers what it has seen."""

    def __init__(self) -> None:
        self._plain = PlainEvents(_REMEMBERED)

    def judge(self, told: Told, *, customer_id: int, clock: Clock) -> Ready | None:
        """The event, ready to store; None where only `judge.judge` can tell."""
        said = self.content(told.event_type, told.data)
        if said is None:
            return None
        return assemble(customer_id, said, told.timestamp, told.event_id, told.received_at, clock)

    def content(self, event_type: str, data: Any) -> Content | None:
        """What an event says, but for its customer, time and id."""
        judged = self._plain.data(event_type, data)
        return None if judged is None else content(event_type, *judged)


def assemble(
    customer_id: int,
    said: Content,
    timestamp: str,
    event_id: str | None,
    received_at: str | None,
    clock: Clock,
) -> Ready | None:
    """The event with this content, ready to store; None where only `judge.judge` can tell."""
    occurred = moments.plain(timestamp)
    if occurred is None or occurred > clock.latest:
        return None
    received = moments.plain(received_at) if received_at else min(occurred, clock.now)
    if received is None or (received_at and not occurred <= received <= clock.now):
        return None
    if not event_id:
        event_id = row_id(said.event_type, occurred, said.data_json)
    elif len(event_id) > _LONGEST_ID or "\0" in event_id:
        return None
    return Ready(customer_id, event_id, occurred, received, said)
