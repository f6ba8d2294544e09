"""Recording many events of many customers at once, with a verdict for every item."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Literal

from sqlmodel import Session
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from db.queries import customer_import as customers
from db.session import is_unavailable, is_unmigrated, write
from services import metrics
from services.bulk_reading import Addressed, Refused, read_items
from services.errors import InvalidInput, ServiceError, UnknownCustomer
from services.incoming import Incoming, prepare
from services.ingest import Verdict, record_prepared

log = logging.getLogger(__name__)

Status = Literal["accepted", "duplicate", "conflict", "rejected"]


class BulkVerdict(TypedDict):
    """What became of one item."""

    index: int
    status: Status
    event_id: str | None
    error: str | None


class BulkReceipt(TypedDict):
    """What became of all of them."""

    accepted: int
    duplicates: int
    rejected: int
    results: list[BulkVerdict]


_Told = tuple[BulkVerdict, str]
"""A verdict, and for the metrics what it comes to: its status, or the code of the reason."""


def record_bulk(items: Sequence[Any], *, source: str, now: datetime) -> BulkReceipt:
    """Record what is valid, in one transaction, and say for each item what became of it.

    Where that transaction fails for what it holds, its halves are tried, and so on: an item
    that can't be stored is alone in that. `rejected` counts conflicts as well.
    """
    read = read_items(items)
    refused: list[_Told] = []
    valid = []
    for index, item in enumerate(read):
        if isinstance(item, Refused):
            verdict = _verdict(index, "rejected", item.event_id, item.reason)
            refused.append((verdict, InvalidInput.code))
        else:
            valid.append((index, item))
    told = [*refused, *_record(valid, source, now)]
    outcomes = Counter(outcome for _, outcome in told)
    metrics.count_events("bulk", outcomes)
    accepted, duplicates = outcomes["accepted"], outcomes["duplicate"]
    return {
        "accepted": accepted,
        "duplicates": duplicates,
        "rejected": len(told) - accepted - duplicates,
        "results": sorted((verdict for verdict, _ in told), key=itemgetter("index")),
    }


def _record(valid: Sequence[tuple[int, Addressed]], source: str, now: datetime) -> list[_Told]:
    if not valid:
        return []
    try:
        return write(lambda session: _record_together(session, valid, source, now))
    except Exception as error:
        if is_unavailable(error) or is_unmigrated(error):
            raise
        if len(valid) > 1:
            half = len(valid) // 2
            return _record(valid[:half], source, now) + _record(valid[half:], source, now)
        log.exception("an event can't be stored")
        (index, item) = valid[0]
        event_id = item.event.event_id
        return [(_verdict(index, "rejected", event_id, "The event can't be stored."), "unstorable")]


def _record_together(
    session: Session, valid: Sequence[tuple[int, Addressed]], source: str, now: datetime
) -> list[_Told]:
    ids = _resolve(session, valid)
    told: list[_Told] = []
    places: list[tuple[int, str | None]] = []
    prepared: list[Incoming | ServiceError] = []
    for index, (customer_id, external_id, event) in valid:
        if external_id is not None:
            customer_id = ids.get(external_id)
        if customer_id is None:
            reason = f"external_id: There is no customer with the external_id {external_id}."
            verdict = _verdict(index, "rejected", event.event_id, reason)
            told.append((verdict, UnknownCustomer.code))
            continue
        places.append((index, event.event_id))
        try:
            prepared.append(prepare(customer_id=customer_id, event=event, source=source, now=now))
        except InvalidInput as error:
            prepared.append(error)
    verdicts = record_prepared(session, events=prepared, now=now)
    told += map(_told, places, verdicts)
    return told


def _resolve(session: Session, valid: Sequence[tuple[int, Addressed]]) -> dict[str, int]:
    named = {item.external_id for _, item in valid if item.external_id is not None}
    return customers.by_external_id(session, values=sorted(named)) if named else {}


def _told(place: tuple[int, str | None], verdict: Verdict) -> _Told:
    index, given_id = place
    event_id = given_id if verdict.key is None else verdict.key[1]
    if verdict.error is None:
        return _verdict(index, verdict.status, event_id, None), verdict.status
    reason = _reason(verdict.error)
    return _verdict(index, verdict.status, event_id, reason), verdict.error.code


def _reason(error: ServiceError) -> str:
    if isinstance(error, UnknownCustomer):
        return f"customer_id: {error}"
    if isinstance(error, InvalidInput):
        return f"{'.'.join(map(str, error.field))}: {error}"
    return str(error)


def _verdict(index: int, status: Status, event_id: str | None, error: str | None) -> BulkVerdict:
    return {"index": index, "status": status, "event_id": event_id, "error": error}
