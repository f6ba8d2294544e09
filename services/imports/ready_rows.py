"""Rows as events that are ready to store: most at a tenth of what the schemas take.

What a row of events says beside whom, when and under which id is judged once and remembered:
real files repeat themselves. Whatever isn't plainly in order goes to `judge`.
"""

from datetime import datetime
from operator import itemgetter

from services.imports.csv_file import Row
from services.imports.event_rows import EventRows, Told
from services.imports.judge import judge
from services.imports.quick import Clock, Quick, assemble
from services.imports.ready import Content, Ready
from services.imports.reasons import RowRejected

_REMEMBERED = 20_000
_LONGEST = 500
"""Characters of what is remembered."""

Cells = str | tuple[str, ...]


class ReadyRows:
    """Reads rows of one kind under one mapping, as of `now`."""

    def __init__(self, rows: EventRows) -> None:
        self._rows = rows
        self._quick = Quick()
        places = rows.places
        said = [places[name] for name in ("event_type", "event_data") if name in places]
        said += [place for _, _, place in rows.properties]
        self._said = itemgetter(*said) if rows.kind == "events" else None
        self._at = places.get("timestamp", 0)
        self._id = places.get("event_id")
        self._received = places.get("received_at")
        self._contents: dict[Cells, Content] = {}

    def set_time(self, now: datetime) -> None:
        """Judge from now on by this time."""
        self._now = now
        self._clock = Clock.at(now)

    def read(self, row: Row, customer_id: int | None) -> list[Ready]:
        """The events that the row tells, at least one.

        Raises:
            RowRejected: with the reason.
        """
        if self._said is not None and customer_id is not None and len(row) == self._rows.width:
            event = self._plain(row, customer_id, self._said(row))
            if event is not None:
                return [event]
        reference, told = self._rows.read(row)
        if customer_id is None:
            raise RowRejected(f"There is no customer with the {reference.by} {reference.value!r}.")
        return [self._judge(each, customer_id) for each in told]

    def _plain(self, row: Row, customer_id: int, said: Cells) -> Ready | None:
        content = self._contents.get(said) or self._learn(row, said)
        if content is None:
            return None
        event_id = row[self._id] if self._id is not None else None
        received = row[self._received] if self._received is not None else None
        return assemble(customer_id, content, row[self._at], event_id, received, self._clock)

    def _learn(self, row: Row, said: Cells) -> Content | None:
        try:
            content = self._quick.content(*self._rows.content(row))
        except RowRejected:
            return None
        if content is not None and len(content.data_json) <= _LONGEST:
            if len(self._contents) >= _REMEMBERED:
                self._contents.clear()
            self._contents[said] = content
        return content

    def _judge(self, told: Told, customer_id: int) -> Ready:
        quickly = self._quick.judge(told, customer_id=customer_id, clock=self._clock)
        if quickly is not None:
            return quickly
        return judge(told, customer_id=customer_id, now=self._now, names=self._rows.names)
