"""The verdict on rows that leave no doubt; whatever isn't plainly in order goes to `judge`."""

from datetime import datetime

from services.imports.event_rows import Told
from services.imports.judge import SOURCE, row_id
from services.incoming import AHEAD, Incoming, Stated, incoming
from services.plain_events import PlainEvents, plain_moment

_REMEMBERED = 20_000
_LONGEST_ID = 255


class Quick:
    """Judges what rows tell, and remembers what it has seen."""

    def __init__(self) -> None:
        self._plain = PlainEvents(_REMEMBERED)

    def judge(self, told: Told, *, customer_id: int, now: datetime) -> Incoming | None:
        """The event, ready to store; None where only `judge.judge` can tell."""
        occurred_at = plain_moment(told.timestamp)
        if occurred_at is None or occurred_at > now + AHEAD:
            return None
        received_at = occurred_at if told.received_at is None else plain_moment(told.received_at)
        judged = self._plain.data(told.event_type, told.data)
        if received_at is None or judged is None:
            return None
        data, data_json = judged
        event_type, event_id = told.event_type, told.event_id
        if event_id is None:
            event_id = row_id(event_type, occurred_at, data_json)
        elif len(event_id) > _LONGEST_ID or "\0" in event_id:
            return None
        stated = Stated(event_type, event_id, occurred_at, data, data_json)
        return incoming(customer_id, stated, SOURCE, received_at)
