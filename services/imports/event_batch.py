"""Storing a batch of rows that tell events, in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from db.queries import customer_import as queries
from services.imports.batch import BatchResult
from services.imports.csv_file import Row
from services.imports.event_rows import Draft, EventRows, Reference
from services.imports.reasons import RowRejected, explain
from services.ingest import record_events

SOURCE = "import"


def store(
    session: Session, *, reader: EventRows, rows: Sequence[Row], now: datetime
) -> BatchResult:
    """Record what the rows tell; a verdict for every row."""
    reasons: dict[int, str] = {}
    told: list[tuple[int, Draft]] = []
    for place, row in enumerate(rows):
        try:
            told += [(place, draft) for draft in reader.drafts(row)]
        except RowRejected as error:
            reasons[place] = str(error)
    ids = _resolve(session, {draft.reference for _, draft in told})
    known = []
    for place, draft in told:
        if draft.reference in ids:
            known.append((place, draft))
        else:
            by, value = draft.reference
            reasons[place] = f"There is no customer with the {by} {value!r}."
    items = [(ids[draft.reference], draft.event) for _, draft in known]
    verdicts = record_events(session, items=items, source=SOURCE, now=now)
    fresh = set()
    for (place, _), verdict in zip(known, verdicts, strict=True):
        if verdict.error is not None:
            reasons[place] = explain(verdict.error, reader.names)
        elif verdict.status == "accepted":
            fresh.add(place)
    accepted = len(fresh - reasons.keys())
    return BatchResult(
        accepted=accepted,
        duplicates=len(rows) - accepted - len(reasons),
        rejected=sorted(reasons.items()),
    )


def _resolve(session: Session, references: Iterable[Reference]) -> dict[Reference, int]:
    by: dict[str, list[str]] = {}
    for reference in references:
        by.setdefault(reference.by, []).append(reference.value)
    found = {
        Reference("customer_id", value): int(value)
        for value in by.get("customer_id", ())
        if value.strip().isdecimal() and len(value) < 20
    }
    found |= _named(
        "external_id", queries.by_external_id(session, values=by.get("external_id", []))
    )
    found |= _named("email", queries.by_email(session, values=by.get("email", [])))
    return found


def _named(by: str, ids: dict[str, int]) -> dict[Reference, int]:
    return {Reference(by, value): customer_id for value, customer_id in ids.items()}
