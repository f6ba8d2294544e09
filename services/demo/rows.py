"""A chunk of demo customers as rows of every table that follows from its events."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

import numpy as np

from db.queries.projections import InvoiceRow, SubjectEvent, TicketRow
from services.demo.activity_rows import counter_columns, sighting_columns
from services.demo.column_text import Columns, Ints, day_of
from services.demo.companies import Company
from services.demo.event_rows import event_columns, event_ids, event_texts
from services.demo.records import RecordEvent
from services.demo.usage import Simulation, Usage
from services.events import EVENT_TYPES
from services.projections import fold_invoice, fold_ticket


@dataclass
class ChunkRows:
    """What a chunk adds to the database."""

    event: Columns
    daily_activity: Columns
    last_seen: Columns
    tickets: list[TicketRow] = field(default_factory=list)
    invoices: list[InvoiceRow] = field(default_factory=list)
    first_days: dict[str, date] = field(default_factory=dict)
    """The first day of each event type."""

    @property
    def events(self) -> int:
        """How many events the chunk holds."""
        return len(self.event["event_id"])


def rows(
    ids: Sequence[int],
    companies: Sequence[Company],
    usage: Simulation,
    records: Sequence[RecordEvent],
) -> ChunkRows:
    """The rows of a chunk whose customers have these ids."""
    batches = (usage.logins, usage.api_calls, usage.feature_uses)
    types = list(
        chain(
            *([name] * batch.n.size for name, batch in zip(EVENT_TYPES, batches, strict=False)),
            (record.event_type for record in records),
        )
    )
    texts = event_texts(usage, records, companies)
    subjects = [""] * (len(texts) - len(records)) + [record.subject_id for record in records]
    customer = _column(batches, "customer", [record.customer for record in records])
    second = _column(batches, "second", [int(record.occurred_at.timestamp()) for record in records])
    order = np.lexsort((second, customer))
    numbered = event_ids(customer[order])
    chunk = ChunkRows(
        event=event_columns(ids, order, customer, second, numbered, types, texts, subjects),
        daily_activity=counter_columns(ids, usage),
        last_seen=sighting_columns(ids, companies, usage, customer, second, types),
        first_days=_first_days(second, types),
    )
    _fold(chunk, ids, records, dict(zip(order.tolist(), numbered, strict=True)))
    return chunk


def _first_days(second: Ints, types: Sequence[str]) -> dict[str, date]:
    firsts: dict[str, int] = {}
    for name, moment in zip(types, second.tolist(), strict=True):
        if moment < firsts.get(name, moment + 1):
            firsts[name] = moment
    return {name: day_of(moment // 86_400) for name, moment in firsts.items()}


def _fold(
    chunk: ChunkRows,
    ids: Sequence[int],
    records: Sequence[RecordEvent],
    event_ids: dict[int, str],
) -> None:
    """Adds the tickets and invoices, folded as live ingestion folds them."""
    subjects: dict[tuple[int, str, str], list[SubjectEvent]] = defaultdict(list)
    offset = chunk.events - len(records)
    for place, record in enumerate(records, start=offset):
        subjects[record.customer, record.event_type, record.subject_id].append(
            SubjectEvent(record.occurred_at, event_ids[place], record.data, record.occurred_at)
        )
    for (number, event_type, subject_id), events in sorted(subjects.items()):
        if event_type == "payment":
            chunk.invoices.append(fold_invoice(ids[number], subject_id, events))
        else:
            chunk.tickets.append(fold_ticket(ids[number], subject_id, events))


def _column(batches: Sequence[Usage], name: str, more: Sequence[int]) -> Ints:
    parts = [getattr(batch, name) for batch in batches]
    return np.concatenate([*parts, np.array(more, dtype=np.int64)])
