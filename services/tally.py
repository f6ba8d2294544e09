"""What events add to the counters and to what was last seen: pure, and independent of order."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from db.queries.activity import Counter, Sighting
from db.tables import LARGEST_BIGINT, SeenKind, Signal
from scoring.signals import SOURCES
from services.clock import utc_day

_ENDPOINT_LENGTH = 100
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_VARIABLE = re.compile(
    r"\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as far as counting goes; `data` holds what was stated, as JSON values."""

    customer_id: int
    event_type: str
    occurred_at: datetime
    data: Mapping[str, Any]

    @property
    def day(self) -> date:
        """The UTC day on which it happened."""
        return utc_day(self.occurred_at)


def counters(facts: Iterable[Fact]) -> list[Counter]:
    """One addition a (customer, day, signal, key)."""
    sums: dict[tuple[int, date, int, str], tuple[int, datetime]] = {}
    for fact in facts:
        for signal, key, n in _counted(fact):
            where = (fact.customer_id, fact.day, int(signal), key)
            total, last_at = sums.get(where, (0, fact.occurred_at))
            sums[where] = (min(total + n, LARGEST_BIGINT), max(last_at, fact.occurred_at))
    return [Counter(*where, n, last_at) for where, (n, last_at) in sums.items()]


def sightings(facts: Iterable[Fact]) -> list[Sighting]:
    """One widening a (customer, kind, name)."""
    spans: dict[tuple[int, int, str], tuple[datetime, datetime]] = {}
    for fact in facts:
        for kind, name in _seen(fact):
            where = (fact.customer_id, int(kind), name)
            first, last = spans.get(where, (fact.occurred_at, fact.occurred_at))
            spans[where] = (min(first, fact.occurred_at), max(last, fact.occurred_at))
    return [Sighting(*where, *span) for where, span in spans.items()]


def first_days(facts: Iterable[Fact], known: Mapping[str, date]) -> dict[str, date]:
    """Each source's first UTC day among the facts, where that is news compared to `known`."""
    days: dict[str, date] = {}
    for fact in facts:
        source = fact.event_type
        if source in SOURCES and fact.day < min(
            known.get(source, date.max), days.get(source, date.max)
        ):
            days[source] = fact.day
    return days


def normalise_endpoint(endpoint: str) -> str:
    """The path without host and query; numbers, UUIDs and long hex become `{id}`; ≤ 100 characters.

    Long is 16 hexadecimal digits and more.
    """
    path = re.split(r"[?#]", _HOST.sub("", endpoint, count=1), maxsplit=1)[0]
    segments = ("{id}" if _VARIABLE.fullmatch(part) else part for part in path.split("/"))
    return "/".join(segments)[:_ENDPOINT_LENGTH] or "/"


def _counted(fact: Fact) -> Iterable[tuple[Signal, str, int]]:
    data = fact.data
    if fact.event_type == "login":
        yield Signal.LOGIN, "", 1
        if data.get("session_seconds"):
            yield Signal.SESSION_SECONDS, "", data["session_seconds"]
    elif fact.event_type == "api_call":
        yield Signal.API_CALL, "", data.get("count") or 1
        if (data.get("status_code") or 0) >= 400:
            yield Signal.API_ERROR, "", data.get("count") or 1
    elif fact.event_type == "feature_use":
        yield Signal.FEATURE_USE, data["feature_name"], data.get("count") or 1


def _seen(fact: Fact) -> Iterable[tuple[SeenKind, str]]:
    yield SeenKind.EVENT_TYPE, fact.event_type
    # Only where user_id is a known property is it sure to be a short string.
    if fact.event_type in {"login", "api_call", "feature_use"} and fact.data.get("user_id"):
        yield SeenKind.USER, fact.data["user_id"]
    if fact.event_type == "api_call":
        yield SeenKind.ENDPOINT, normalise_endpoint(fact.data["endpoint"])
