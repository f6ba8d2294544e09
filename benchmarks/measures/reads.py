"""Rows of a customer's health and of the dashboard's stats, against recomputing on every read."""

import random
from collections.abc import Mapping
from statistics import median

from sqlalchemy import Engine, text

from benchmarks.bench import Bench
from benchmarks.http_load import drive, get
from benchmarks.portfolio import EVENTFUL
from benchmarks.rows import Row, at_most
from benchmarks.servers import Server
from benchmarks.timing import interleaved, percentile, ratios, sample

ROUNDS = 5
REQUESTS = 100
MANY_EVENTS = 100_000
HEALTH = "a customer's health, p50 (ms)"
STATS = "dashboard stats, p50 (ms)"
PLAIN_STATS = "dashboard stats by the plain app, extrapolated (ms)"
_STATS_PATH = "/api/dashboard/stats"
_TWO_ALIKE = text("""
    SELECT h.customer_id FROM customer_health h JOIN daily_activity a USING (customer_id)
    WHERE h.customer_id <= :eventful AND h.churned_at IS NULL
    GROUP BY h.customer_id ORDER BY abs(count(*) - 300), h.customer_id LIMIT 2
""")
# The same calls, told one by one instead of added up: the counters stay as they are.
_TELL_ONE_BY_ONE = text("""
    INSERT INTO event (customer_id, event_id, event_type, occurred_at, received_at, source, data,
        content_hash)
    SELECT :customer_id, 'one-by-one-' || n, 'api_call', at, at, 'portfolio',
           '{"endpoint": "/v1/orders", "status_code": 200}', sha256(convert_to(n::text, 'UTF8'))
    FROM (
        SELECT n, CAST(:now AS timestamptz) - make_interval(secs => n * 60) AS at
        FROM generate_series(1, :events) AS n
    ) AS calls
""")


def measure(bench: Bench, servers: Mapping[int, Server], plain: Server, plain_size: int) -> None:
    """Fill in the rows, and the growth table."""
    for size in bench.sizes:
        port = servers[size].port
        bench.grew(HEALTH, size, _p50(port, _health_paths(size)))
        bench.grew(STATS, size, _p50(port, [_STATS_PATH] * REQUESTS))
    _health(bench, servers[bench.main], plain)
    _flat_in_events(bench, servers[bench.main])
    _stats(bench, servers[bench.main], plain, plain_size)


def _health(bench: Bench, server: Server, plain: Server) -> None:
    paths = _health_paths(bench.main)
    slow: list[float] = []

    def product() -> float:
        latencies = drive(server.port, [get(path) for path in paths], connections=1).latencies
        slow.append(1000 * percentile(latencies, 0.95))
        return 1000 * median(latencies)

    plain_paths = [f"/customers/{customer_id}/health" for customer_id in _plain_ids(bench)]
    found = interleaved(
        ROUNDS, {"product": product, "plain": lambda: _p50(plain.port, plain_paths)}
    )
    middle = sample(found["product"])
    bench.rows.append(
        Row(
            f"a customer's health, live, {bench.main:,} customers, p50",
            "≤ 10 ms",
            f"{middle.text('ms')}, p95 {sample(slow).text('ms')}",
            f"plain app, 300 events each, score alone: {sample(found['plain']).text('ms')}",
            f"{ratios(found['plain'], found['product']).text()} ×",
            at_most(middle.middle, 10),
        )
    )


def _flat_in_events(bench: Bench, server: Server) -> None:
    engine = bench.engines[bench.main]
    few, many = _few_and_many(engine, bench)
    found = interleaved(
        ROUNDS,
        {
            "few": lambda: _p50(server.port, [f"/api/customers/{few}/health"] * REQUESTS),
            "many": lambda: _p50(server.port, [f"/api/customers/{many}/health"] * REQUESTS),
        },
    )
    ratio = ratios(found["many"], found["few"])
    bench.rows.append(
        Row(
            f"a customer's health with {MANY_EVENTS:,} events behind it against 300, p50",
            "flat (≤ 1.1 ×)",
            sample(found["many"]).text("ms"),
            sample(found["few"]).text("ms"),
            f"{ratio.text()} ×",
            at_most(ratio.middle, 1.1),
        )
    )


def _stats(bench: Bench, server: Server, plain: Server, plain_size: int) -> None:
    found = interleaved(
        3,
        {
            "product": lambda: _p50(server.port, [_STATS_PATH] * REQUESTS),
            "plain": lambda: _p50(plain.port, ["/dashboard/stats"]) * bench.main / plain_size,
        },
    )
    middle = sample(found["product"])
    for size in bench.sizes:
        bench.grew(PLAIN_STATS, size, median(found["plain"]) * size / bench.main)
    bench.rows.append(
        Row(
            f"dashboard stats, {bench.main:,} customers, p50",
            "≤ 20 ms at 10,000",
            middle.text("ms"),
            f"plain app, measured with {plain_size} customers, extrapolated: "
            + sample(found["plain"]).text("s", 0.001),
            f"{ratios(found['plain'], found['product']).text()} ×",
            at_most(middle.middle, 20),
        )
    )


def _p50(port: int, paths: list[str]) -> float:
    """Milliseconds, one request after the other."""
    return 1000 * median(drive(port, [get(path) for path in paths], connections=1).latencies)


def _health_paths(size: int) -> list[str]:
    chance = random.Random(size)  # noqa: S311 - the same customers in every run
    return [f"/api/customers/{chance.randint(1, size)}/health" for _ in range(REQUESTS)]


def _plain_ids(bench: Bench) -> list[int]:
    with bench.engines[bench.main].connect() as connection:
        query = text("SELECT id FROM plain.customer ORDER BY id LIMIT :limit")
        return list(connection.execute(query, {"limit": REQUESTS}).scalars())


def _few_and_many(engine: Engine, bench: Bench) -> tuple[int, int]:
    """Two customers with as many counters; one of them is given many events more."""
    with engine.begin() as connection:
        few, many = connection.execute(_TWO_ALIKE, {"eventful": EVENTFUL}).scalars()
        values = {"customer_id": many, "now": bench.now, "events": MANY_EVENTS}
        connection.execute(_TELL_ONE_BY_ONE, values)
    return few, many
