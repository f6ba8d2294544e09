"""Storing a batch of rows that tell events, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from services.imports.batch import Verdict
from services.imports.csv_file import Row
from services.imports.event_rows import EventRows
from services.imports.ready import Ready
from services.imports.ready_rows import ReadyRows
from services.imports.reasons import RowRejected, explain
from services.imports.recording import record
from services.imports.references import References


class EventBatches:
    """Stores batches of rows of one kind under one mapping."""

    def __init__(self, rows: EventRows) -> None:
        self._names = rows.names
        self._references = References(rows.places, rows.width)
        self._rows = ReadyRows(rows)

    def store(self, session: Session, rows: Sequence[Row], *, now: datetime) -> Verdict:
        """Record what the rows tell; a verdict for every row."""
        reasons: dict[int, str] = {}
        places: list[int] = []
        events: list[Ready] = []
        self._rows.set_time(now)
        customers = self._references.find(session, rows)
        for place, (row, customer_id) in enumerate(zip(rows, customers, strict=True)):
            try:
                found = self._rows.read(row, customer_id)
            except RowRejected as error:
                reasons[place] = str(error)
            else:
                events += found
                places += [place] * len(found)
        recorded = record(session, events=events, now=now)
        for number, refusal in recorded.errors.items():
            reasons[places[number]] = explain(refusal, self._names)
        accepted = len({places[number] for number in recorded.accepted} - reasons.keys())
        return Verdict(
            accepted=accepted,
            duplicates=len(rows) - accepted - len(reasons),
            rejected=sorted(reasons.items()),
        )
