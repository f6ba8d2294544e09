"""Counting requests, and the single events among them: the one place that sees every way in."""

from typing import NamedTuple

from prometheus_client import Counter, Histogram

from services import metrics

METHODS = {"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"}
SINGLE_EVENT = {f"{mount}/customers/{{customer_id}}/events" for mount in ("/api", "/api/v1")}
SINGLE_OUTCOMES = {201: "accepted", 200: "duplicate"}
_Key = tuple[str, str, int]


class _Counted(NamedTuple):
    requests: Counter
    seconds: Histogram
    event: Counter | None
    """Of a single event that is stored."""


_known: dict[_Key, _Counted] = {}


def count(method: str, route: str, status: int, problem: str | None, seconds: float) -> None:
    """Count a request that was answered; `problem` is the code of a refusal."""
    found = _known.get((method, route, status))
    if found is None:
        found = _label(method, route, status)
    found.requests.inc()
    found.seconds.observe(seconds)
    if found.event is not None:
        found.event.inc()
    elif is_single_event(method, route):
        metrics.count_events("single", {problem or f"status-{status}": 1})


def is_single_event(method: str, route: str) -> bool:
    """Whether the request brings one event: the bulk of what comes."""
    return method == "POST" and route in SINGLE_EVENT


def _label(method: str, route: str, status: int) -> _Counted:
    named = method if method in METHODS else "other"
    stored = SINGLE_OUTCOMES.get(status) if is_single_event(method, route) else None
    found = _Counted(
        metrics.REQUESTS.labels(named, route, str(status)),
        metrics.REQUEST_SECONDS.labels(named, route),
        metrics.EVENTS.labels("single", stored) if stored else None,
    )
    if named == method:  # what a client makes up is not kept
        _known[method, route, status] = found
    return found
