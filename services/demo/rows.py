"""A chunk of demo customers as rows of every table that follows from its events."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from db.queries.projections import InvoiceRow, SubjectEvent, TicketRow
from db.tables import SeenKind, Signal
from services.demo.companies import Company
from services.demo.records import RecordEvent
from services.demo.usage import ENDPOINTS, FEATURES, METHODS, Ints, Simulation, Usage
from services.event_content import canonical_json, content_hash
from services.events import EVENT_TYPES
from services.projections import fold_invoice, fold_ticket

SOURCE = "demo"
Columns = dict[str, Sequence[str]]
"""A table's columns as COPY takes them, all equally long."""

_TIMES = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}+00" for s in range(86_400)]
_EPOCH = date(1970, 1, 1)


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
    texts = [
        *_logins(usage.logins, companies),
        *_api_calls(usage.api_calls),
        *_feature_uses(usage.feature_uses, companies),
        *(canonical_json(record.data) for record in records),
    ]
    subjects = [""] * (len(texts) - len(records)) + [record.subject_id for record in records]
    customer = _column(batches, "customer", [record.customer for record in records])
    second = _column(batches, "second", [int(record.occurred_at.timestamp()) for record in records])
    order = np.lexsort((second, customer))
    event_ids = _event_ids(customer[order])
    chunk = ChunkRows(
        event=_events(ids, order, customer, second, event_ids, types, texts, subjects),
        daily_activity=_counters(ids, usage),
        last_seen=_sightings(ids, companies, usage, customer, second, types),
        first_days=_first_days(second, types),
    )
    _fold(chunk, ids, records, dict(zip(order.tolist(), event_ids, strict=True)))
    return chunk


def _logins(batch: Usage, companies: Sequence[Company]) -> list[str]:
    return [
        f'{{"session_seconds":{n},"user_id":"{companies[customer].users[user]}"}}'
        for customer, user, n in _zipped(batch.customer, batch.user, batch.n)
    ]


def _api_calls(batch: Usage) -> list[str]:
    return [
        f'{{"count":{n},"endpoint":"{ENDPOINTS[endpoint]}","method":"{METHODS[endpoint]}",'
        f'"response_time":{slow},"status_code":{status}}}'
        for endpoint, n, slow, status in _zipped(
            batch.subject, batch.n, batch.milliseconds, batch.status
        )
    ]


def _feature_uses(batch: Usage, companies: Sequence[Company]) -> list[str]:
    return [
        f'{{"count":{n},"feature_name":"{FEATURES[feature]}",'
        f'"user_id":"{companies[customer].users[user]}"}}'
        for customer, feature, user, n in _zipped(
            batch.customer, batch.subject, batch.user, batch.n
        )
    ]


def _events(
    ids: Sequence[int],
    order: Ints,
    customer: Ints,
    second: Ints,
    event_ids: Sequence[str],
    types: Sequence[str],
    texts: Sequence[str],
    subjects: Sequence[str],
) -> Columns:
    moments = _moments(second[order])
    id_texts = [str(customer_id) for customer_id in ids]
    places = order.tolist()
    return {
        "customer_id": [id_texts[number] for number in customer[order].tolist()],
        "event_id": event_ids,
        "event_type": [types[place] for place in places],
        "occurred_at": moments,
        "received_at": moments,
        "source": [SOURCE] * len(places),
        "subject_id": [subjects[place] for place in places],
        "data": [texts[place] for place in places],
        "content_hash": [
            "\\x" + content_hash(types[place], texts[place]).hex() for place in places
        ],
    }


def _event_ids(sorted_customers: Ints) -> list[str]:
    """Numbered by each customer's own events, in the order in which they happened."""
    starts = np.searchsorted(sorted_customers, sorted_customers)
    return [f"demo-{serial:07d}" for serial in (np.arange(starts.size) - starts + 1).tolist()]


def _counters(ids: Sequence[int], usage: Simulation) -> Columns:
    """`daily_activity` by the rules of live ingestion."""
    logins, calls, uses = usage.logins, usage.api_calls, usage.feature_uses
    failed = calls.status >= 400
    parts = (
        (logins, Signal.LOGIN, np.ones_like(logins.n), slice(None)),
        (calls, Signal.API_CALL, calls.n, slice(None)),
        (calls, Signal.API_ERROR, calls.n, failed),
        (uses, Signal.FEATURE_USE, uses.n, slice(None)),
        (logins, Signal.SESSION_SECONDS, logins.n, slice(None)),
    )
    codes, amounts, seconds = [], [], []
    for batch, signal, n, chosen in parts:
        key = batch.subject if signal is Signal.FEATURE_USE else np.zeros_like(batch.subject)
        day = batch.second // 86_400
        codes.append((((batch.customer << 20) + day << 4) + int(signal) << 5)[chosen] + key[chosen])
        amounts.append(n[chosen])
        seconds.append(batch.second[chosen])
    code, starts, order = _groups(np.concatenate(codes))
    n = np.add.reduceat(np.concatenate(amounts)[order], starts) if starts.size else code
    last = np.maximum.reduceat(np.concatenate(seconds)[order], starts) if starts.size else code
    signals = ((code >> 5) & 15).tolist()
    return {
        "customer_id": [str(ids[number]) for number in (code >> 29).tolist()],
        "day": _days(code >> 9 & 0xFFFFF),
        "signal": [str(signal) for signal in signals],
        "key": [
            FEATURES[key] if signal == Signal.FEATURE_USE else ""
            for signal, key in zip(signals, (code & 31).tolist(), strict=True)
        ],
        "n": [str(value) for value in n.tolist()],
        "last_at": _moments(last),
    }


def _sightings(
    ids: Sequence[int],
    companies: Sequence[Company],
    usage: Simulation,
    customer: Ints,
    second: Ints,
    types: Sequence[str],
) -> Columns:
    """`last_seen` by the rules of live ingestion: users, endpoints and event types."""
    type_numbers: dict[str, int] = {name: number for number, name in enumerate(EVENT_TYPES)}
    type_number = np.array([type_numbers[name] for name in types], dtype=np.int64)
    parts = (
        (usage.logins.customer, SeenKind.USER, usage.logins.user, usage.logins.second),
        (usage.feature_uses.customer, SeenKind.USER, usage.feature_uses.user,
         usage.feature_uses.second),
        (usage.api_calls.customer, SeenKind.ENDPOINT, usage.api_calls.subject,
         usage.api_calls.second),
        (customer, SeenKind.EVENT_TYPE, type_number, second),
    )  # fmt: skip
    code, starts, order = _groups(
        np.concatenate([((who << 3) + int(kind) << 8) + what for who, kind, what, _ in parts])
    )
    seconds = np.concatenate([when for *_, when in parts])[order]
    first = np.minimum.reduceat(seconds, starts) if starts.size else code
    last = np.maximum.reduceat(seconds, starts) if starts.size else code
    numbers = (code >> 11).tolist()
    kinds = (code >> 8 & 7).tolist()
    return {
        "customer_id": [str(ids[number]) for number in numbers],
        "kind": [str(kind) for kind in kinds],
        "name": [
            companies[number].users[what]
            if kind == SeenKind.USER
            else (ENDPOINTS if kind == SeenKind.ENDPOINT else EVENT_TYPES)[what]
            for number, kind, what in zip(numbers, kinds, (code & 255).tolist(), strict=True)
        ],
        "first_at": _moments(first),
        "last_at": _moments(last),
    }


def _first_days(second: Ints, types: Sequence[str]) -> dict[str, date]:
    firsts: dict[str, int] = {}
    for name, moment in zip(types, second.tolist(), strict=True):
        if moment < firsts.get(name, moment + 1):
            firsts[name] = moment
    return {name: _EPOCH + timedelta(days=moment // 86_400) for name, moment in firsts.items()}


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
            SubjectEvent(record.occurred_at, event_ids[place], record.data)
        )
    for (number, event_type, subject_id), events in sorted(subjects.items()):
        if event_type == "payment":
            chunk.invoices.append(fold_invoice(ids[number], subject_id, events))
        else:
            chunk.tickets.append(fold_ticket(ids[number], subject_id, events))


def _column(batches: Sequence[Usage], name: str, more: Sequence[int]) -> Ints:
    parts = [getattr(batch, name) for batch in batches]
    return np.concatenate([*parts, np.array(more, dtype=np.int64)])


def _groups(code: Ints) -> tuple[Ints, Ints, NDArray[np.intp]]:
    """The distinct codes in order, where each starts in the sorted column, and the sorting."""
    order = np.argsort(code, kind="stable")
    distinct, starts = np.unique(code[order], return_index=True)
    return distinct, starts, order


def _zipped(*columns: Ints) -> Iterator[tuple[int, ...]]:
    return zip(*(column.tolist() for column in columns), strict=True)


def _moments(seconds: Ints) -> list[str]:
    days, times = np.divmod(seconds, 86_400)
    return [f"{day} {_TIMES[time]}" for day, time in zip(_days(days), times.tolist(), strict=True)]


def _days(days: Ints) -> list[str]:
    distinct, places = np.unique(days, return_inverse=True)
    names = [(_EPOCH + timedelta(days=day)).isoformat() for day in distinct.tolist()]
    return [names[place] for place in places.tolist()]
