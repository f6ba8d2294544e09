"""What this process counts, for Prometheus; docs/operations.md says what to watch.

Labels have few values each: routes are templates, reasons are codes.
"""

from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Summary,
    disable_created_metrics,
)
from prometheus_client.process_collector import ProcessCollector

PREFIX = "customer_health"
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

INFO = Gauge(f"{PREFIX}_info", "The version that runs.", ["version"], registry=REGISTRY)

REQUESTS = Counter(
    f"{PREFIX}_http_requests",
    "Requests answered.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    f"{PREFIX}_http_request_seconds",
    "From a request's arrival to the end of its answer.",
    ["method", "route"],
    buckets=LATENCY_BUCKETS,
    registry=REGISTRY,
)

EVENTS = Counter(
    f"{PREFIX}_events",
    "Events stored, now (accepted) or before (duplicate).",
    ["via", "result"],
    registry=REGISTRY,
)
REJECTED = Counter(
    f"{PREFIX}_events_rejected",
    "Events not stored, by the code of the reason.",
    ["via", "reason"],
    registry=REGISTRY,
)
EVENTS_WAITING = Gauge(
    f"{PREFIX}_events_waiting", "Single events that wait for a commit.", registry=REGISTRY
)

RATE_LIMITED = Counter(
    f"{PREFIX}_rate_limited",
    "Requests refused because too many came, by the limit: a key's own, or a site's failed calls.",
    ["limit"],
    registry=REGISTRY,
)
for _limit in ("key", "failed"):
    RATE_LIMITED.labels(_limit)

SCORER_LEADS = Gauge(
    f"{PREFIX}_scorer_leads", "1 where this process is the one that scores.", registry=REGISTRY
)
SCORER_RUN_SECONDS = Summary(
    f"{PREFIX}_scorer_run_seconds", "Transactions of scoring that had work.", registry=REGISTRY
)
CUSTOMERS_SCORED = Counter(
    f"{PREFIX}_customers_scored", "Customers given a new score.", registry=REGISTRY
)
CUSTOMERS_PUT_OFF = Counter(
    f"{PREFIX}_customers_put_off",
    "Customers that could not be scored and wait for another try.",
    registry=REGISTRY,
)
SCORER_FAILURES = Counter(
    f"{PREFIX}_scorer_failures", "Transactions of scoring that failed.", registry=REGISTRY
)

DATABASE_UP = Gauge(
    f"{PREFIX}_database_up", "1 where the database answered this scrape.", registry=REGISTRY
)
QUEUE_ENTRIES = Gauge(
    f"{PREFIX}_queue_entries",
    "Entries due for the scorer, counted up to 100,000; NaN while the database is away.",
    registry=REGISTRY,
)
QUEUE_SECONDS = Gauge(
    f"{PREFIX}_queue_oldest_seconds",
    "How long the oldest entry has been due; 0 where none is, NaN while the database is away.",
    registry=REGISTRY,
)
POOL_IN_USE = Gauge(
    f"{PREFIX}_pool_connections_in_use", "Connections taken from the pool.", registry=REGISTRY
)
POOL_SIZE = Gauge(
    f"{PREFIX}_pool_connections_max", "Connections that the pool may have.", registry=REGISTRY
)

STORED = ("accepted", "duplicate")


def count_events(via: str, outcomes: Mapping[str, int]) -> None:
    """Count events by `accepted`, `duplicate` or the code of why they aren't stored."""
    for outcome, number in outcomes.items():
        if outcome in STORED:
            EVENTS.labels(via, outcome).inc(number)
        else:
            REJECTED.labels(via, outcome).inc(number)
