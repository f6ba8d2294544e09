"""Storing a batch of rows that tell events, in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from db.queries import customer_import as queries
from db.tables import LARGEST_BIGINT
from services.imports.batch import BatchResult
from services.imports.csv_file import Row
from services.imports.event_rows import EventRows, Reference, Told
from services.imports.judge import judge
from services.imports.quick import Quick
from services.imports.reasons import RowRejected, explain
from services.incoming import Incoming
from services.ingest import record_prepared

SCORE_AFTER = timedelta(hours=1)
"""Longer than a big import: its end releases what waits, and only a crash leaves it waiting."""


class EventBatches:
    """Stores batches of rows of one kind under one mapping."""

    def __init__(self, rows: EventRows) -> None:
        self._rows = rows
        self._quick = Quick()

    def store(self, session: Session, rows: Sequence[Row], *, now: datetime) -> BatchResult:
        """Record what the rows tell; a verdict for every row."""
        reasons: dict[int, str] = {}
        told = self._read(rows, reasons)
        ids = _resolve(session, {reference for _, reference, _ in told})
        places, prepared = [], []
        for place, reference, event in told:
            try:
                prepared.append(self._judge(event, _id(ids, reference), now))
                places.append(place)
            except RowRejected as error:
                reasons[place] = str(error)
        verdicts = record_prepared(session, events=prepared, now=now, score_after=SCORE_AFTER)
        fresh = set()
        for place, verdict in zip(places, verdicts, strict=True):
            if verdict.error is not None:
                reasons[place] = explain(verdict.error, self._rows.names)
            elif verdict.status == "accepted":
                fresh.add(place)
        accepted = len(fresh - reasons.keys())
        return BatchResult(
            accepted=accepted,
            duplicates=len(rows) - accepted - len(reasons),
            rejected=sorted(reasons.items()),
        )

    def _read(
        self, rows: Sequence[Row], reasons: dict[int, str]
    ) -> list[tuple[int, Reference, Told]]:
        told = []
        for place, row in enumerate(rows):
            try:
                reference, events = self._rows.read(row)
            except RowRejected as error:
                reasons[place] = str(error)
                continue
            told += [(place, reference, event) for event in events]
        return told

    def _judge(self, told: Told, customer_id: int, now: datetime) -> Incoming:
        quickly = self._quick.judge(told, customer_id=customer_id, now=now)
        if quickly is not None:
            return quickly
        return judge(told, customer_id=customer_id, now=now, names=self._rows.names)


def _id(ids: dict[Reference, int], reference: Reference) -> int:
    customer_id = ids.get(reference)
    if customer_id is None:
        raise RowRejected(f"There is no customer with the {reference.by} {reference.value!r}.")
    return customer_id


def _resolve(session: Session, references: Iterable[Reference]) -> dict[Reference, int]:
    by: dict[str, list[str]] = {"customer_id": [], "external_id": [], "email": []}
    for reference in references:
        by[reference.by].append(reference.value)
    found = {
        Reference("customer_id", value): int(value)
        for value in by["customer_id"]
        if value.isascii() and value.isdigit() and len(value) < 20 and int(value) <= LARGEST_BIGINT
    }
    for name, lookup in _LOOKUPS.items():
        for value, customer_id in lookup(session, values=by[name]).items():
            found[Reference(name, value)] = customer_id
    return found


_LOOKUPS: dict[str, Callable[..., dict[str, int]]] = {
    "external_id": queries.by_external_id,
    "email": queries.by_email,
}
