"""What events add to the counters and to what was last seen: pure, and independent of order."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from db.queries.activity import Counter, Sighting
from db.queries.late import LateCount
from db.tables import LARGEST_BIGINT, SeenKind, Signal
from scoring.signals import SOURCES
from services.clock import utc_day
from services.incoming import Incoming

# Plain integers: an enum's members are slower to hash and to write out.
_API_CALL, _API_ERROR = int(Signal.API_CALL), int(Signal.API_ERROR)
_FEATURE_USE, _SESSION_SECONDS = int(Signal.FEATURE_USE), int(Signal.SESSION_SECONDS)
_ONE_LOGIN = (int(Signal.LOGIN), "", 1)
_NOT_COUNTED = ((0, "", 1),)
_USER, _ENDPOINT = int(SeenKind.USER), int(SeenKind.ENDPOINT)
_EVENT_TYPE, _FEATURE = int(SeenKind.EVENT_TYPE), int(SeenKind.FEATURE)
_NEVER = (None, None)
_WITH_USER = {"login", "api_call", "feature_use"}

_Seen = tuple[int, int, str]
_ENDPOINT_LENGTH = 100
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_VARIABLE = re.compile(
    r"\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}",
    re.ASCII | re.IGNORECASE,
)


def counters(events: Iterable[Incoming]) -> list[Counter]:
    """One addition a (customer, day, signal, key)."""
    sums: dict[tuple[int, date, int, str], tuple[int, datetime]] = {}
    for event in events:
        row = event.row
        for signal, key, n in counted(row.event_type, event.data):
            where = (row.customer_id, event.day, signal, key)
            found = sums.get(where)
            if found is None:
                sums[where] = (n, row.occurred_at)
            else:
                sums[where] = (found[0] + n, max(found[1], row.occurred_at))
    return [
        Counter(*where, min(n, LARGEST_BIGINT), last_at) for where, (n, last_at) in sums.items()
    ]


def sightings(events: Sequence[Incoming]) -> list[Sighting]:
    """One widening a (customer, kind, name): to the time of an event type, else to the UTC day."""
    spans = _spans(events)
    in_time = [event for event in events if not _is_late(event)]
    firsts = spans if len(in_time) == len(events) else _spans(in_time)
    return [
        Sighting(*where, *span, None if by_day(where[1]) else firsts.get(where, _NEVER)[0])
        for where, span in spans.items()
    ]


def _is_late(event: Incoming) -> bool:
    return utc_day(event.row.received_at) > event.day


def _spans(events: Iterable[Incoming]) -> dict[_Seen, tuple[datetime, datetime]]:
    spans: dict[_Seen, tuple[datetime, datetime]] = {}
    paths: dict[str, str] = {}
    days: dict[date, datetime] = {}
    for event in events:
        day = days.get(event.day)
        if day is None:
            day = days[event.day] = datetime.combine(event.day, time.min, UTC)
        for kind, name in seen(event.row.event_type, event.data, paths):
            moment = day if by_day(kind) else event.row.occurred_at
            where = (event.row.customer_id, kind, name)
            span = spans.get(where)
            if span is None:
                spans[where] = (moment, moment)
            elif not span[0] <= moment <= span[1]:
                spans[where] = (min(span[0], moment), max(span[1], moment))
    return spans


def by_day(kind: int) -> bool:
    """Whether what is seen is dated by its UTC day, and not by its time."""
    return kind != _EVENT_TYPE


def first_days(events: Iterable[Incoming], known: Mapping[str, date]) -> dict[str, date]:
    """Each source's first UTC day among the events, where that is news compared to `known`."""
    days = {source: known.get(source, date.max) for source in SOURCES}
    news = {}
    for event in events:
        source = event.row.event_type
        if source in days and event.day < days[source]:
            days[source] = news[source] = event.day
    return news


def known_days(events: Iterable[Incoming], known: Mapping[str, date]) -> dict[str, date]:
    """The same for the first UTC day on which an event had both happened and come in."""
    days = {source: known.get(source, date.max) for source in SOURCES}
    news = {}
    for event in events:
        source = event.row.event_type
        if source in days and event.day < days[source]:
            day = max(event.day, utc_day(event.row.received_at))
            if day < days[source]:
                days[source] = news[source] = day
    return news


def late(events: Iterable[Incoming]) -> list[LateCount]:
    """One addition a (customer, day, signal, key, day of receipt) that came in on a later day."""
    sums: dict[tuple[int, date, int, str, date], int] = {}
    for event in events:
        row = event.row
        if _is_late(event):
            received_day = utc_day(row.received_at)
            for signal, key, n in counted(row.event_type, event.data) or _NOT_COUNTED:
                where = (row.customer_id, event.day, signal, key, received_day)
                sums[where] = sums.get(where, 0) + n
    return [LateCount(*where, min(n, LARGEST_BIGINT)) for where, n in sums.items()]


def normalise_endpoint(endpoint: str) -> str:
    """The path without host and query; numbers, UUIDs and long hex become `{id}`; ≤ 100 characters.

    Long is 16 hexadecimal digits and more.
    """
    path = re.split(r"[?#]", _HOST.sub("", endpoint, count=1), maxsplit=1)[0]
    segments = ("{id}" if _VARIABLE.fullmatch(part) else part for part in path.split("/"))
    return "/".join(segments)[:_ENDPOINT_LENGTH] or "/"


def counted(event_type: str, data: Mapping[str, Any]) -> Sequence[tuple[int, str, int]]:
    """(signal, key, n) of each counter that an event adds to."""
    if event_type == "api_call":
        n = data.get("count") or 1
        if (data.get("status_code") or 0) >= 400:
            return (_API_CALL, "", n), (_API_ERROR, "", n)
        return ((_API_CALL, "", n),)
    if event_type == "feature_use":
        return ((_FEATURE_USE, data["feature_name"], data.get("count") or 1),)
    if event_type == "login":
        seconds = data.get("session_seconds")
        return (_ONE_LOGIN, (_SESSION_SECONDS, "", seconds)) if seconds else (_ONE_LOGIN,)
    return ()


def seen(
    event_type: str, data: Mapping[str, Any], paths: dict[str, str]
) -> Iterable[tuple[int, str]]:
    """(kind, name) of what an event shows; `paths` remembers endpoints' normal forms."""
    yield _EVENT_TYPE, event_type
    # Only where user_id is a known property is it sure to be a short string.
    if event_type in _WITH_USER and (user := data.get("user_id")):
        yield _USER, user
    if event_type == "api_call":
        endpoint = data["endpoint"]
        if endpoint not in paths:
            paths[endpoint] = normalise_endpoint(endpoint)
        yield _ENDPOINT, paths[endpoint]
    elif event_type == "feature_use":
        yield _FEATURE, data["feature_name"]
