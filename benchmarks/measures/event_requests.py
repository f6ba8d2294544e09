"""Rows of events over HTTP: one by one against the plain endpoint, and in bulk."""

from statistics import median

from sqlalchemy import Engine, text

from benchmarks.bench import Bench
from benchmarks.http_load import Load, drive, post
from benchmarks.measures.event_bodies import Events
from benchmarks.rows import Row, at_least, at_most
from benchmarks.servers import Server
from benchmarks.timing import interleaved, ratios, sample

ROUNDS = 5
CONNECTIONS = 8
REQUESTS, PLAIN_REQUESTS, ALONE = 3_000, 800, 300
BULK, BODIES = 5_000, 8


def measure(bench: Bench, server: Server, plain: Server) -> None:
    """Fill in the rows; the product's own scorer keeps scoring what comes in meanwhile."""
    engine = bench.engines[bench.main]
    single = _Single(bench, server, plain)
    loads: list[Load] = []
    before = _stored(engine)
    found = interleaved(
        ROUNDS,
        {
            "product": lambda: single.product(REQUESTS, CONNECTIONS, loads).per_second,
            "plain": lambda: single.plain(PLAIN_REQUESTS, CONNECTIONS).per_second,
            "product alone": lambda: _p50(single.product(ALONE, 1, [])),
            "plain alone": lambda: _p50(single.plain(ALONE, 1)),
        },
    )
    _check_stored(engine, before + ROUNDS * (REQUESTS + ALONE))
    ratio = ratios(found["product"], found["plain"])
    bench.rows.append(
        Row(
            f"single events over HTTP, {CONNECTIONS} connections, durable",
            "≥ 5 × the plain endpoint",
            f"{sample(found['product']).text('events/s')} (the load itself took "
            f"{median(load.own_share for load in loads):.0%} of a core)",
            f"plain endpoint: {sample(found['plain']).text('events/s')}",
            f"{ratio.text()} ×",
            at_least(ratio.middle, 5),
        )
    )
    slower = ratios(found["product alone"], found["plain alone"])
    bench.rows.append(
        Row(
            "single events over HTTP, 1 connection, p50",
            "no worse than the plain endpoint",
            sample(found["product alone"]).text("ms", 1000),
            f"plain endpoint: {sample(found['plain alone']).text('ms', 1000)}",
            f"{slower.text()} × its time",
            at_most(slower.middle, 1),
        )
    )
    _bulk(bench, server, found["plain"])


def _bulk(bench: Bench, server: Server, plain: list[float]) -> None:
    engine = bench.engines[bench.main]
    events = Events(_living(engine), bench.now, "bulk")
    found: dict[int, list[float]] = {1: [], 2: []}
    before, sent = _stored(engine), 0
    for _ in range(ROUNDS):
        for connections, speeds in found.items():
            bodies = [post("/api/events", events.bulk(BULK)) for _ in range(BODIES)]
            load = drive(server.port, bodies, connections=connections)
            speeds.append(BULK * load.per_second)
            sent += BULK * BODIES
    _check_stored(engine, before + sent)
    best = max(found, key=lambda connections: median(found[connections]))
    for connections in found:
        speed = sample(found[connections])
        bench.rows.append(
            Row(
                f"bulk events over HTTP, {BULK:,} a body, {connections} connection"
                + ("s" if connections > 1 else ""),
                "≥ 20,000 events/s",
                speed.text("events/s"),
                "plain endpoint, one by one",
                f"{ratios(found[connections], plain).text()} ×",
                at_least(speed.middle, 20_000),
            )
        )
    bench.tell(f"bulk: {median(found[best]):,.0f} events/s")


class _Single:
    """Prepared single events, to either of the two."""

    def __init__(self, bench: Bench, server: Server, plain: Server) -> None:
        engine = bench.engines[bench.main]
        self._server, self._plain = server, plain
        self._events = Events(_living(engine), bench.now, "single")
        with engine.connect() as connection:
            query = text("SELECT id FROM plain.customer ORDER BY id")
            ids = list(connection.execute(query).scalars())
        self._plain_events = Events(ids, bench.now, "plain")

    def product(self, requests: int, connections: int, loads: list[Load]) -> Load:
        bodies = [self._events.single() for _ in range(requests)]
        prepared = [post(f"/api/customers/{key}/events", body) for key, body in bodies]
        loads.append(drive(self._server.port, prepared, connections=connections))
        return loads[-1]

    def plain(self, requests: int, connections: int) -> Load:
        bodies = [self._plain_events.single() for _ in range(requests)]
        prepared = [post(f"/customers/{key}/events", body) for key, body in bodies]
        return drive(self._plain.port, prepared, connections=connections)


def _p50(load: Load) -> float:
    return median(load.latencies)


def _living(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        query = text("SELECT id FROM customer WHERE churned_at IS NULL ORDER BY id")
        return list(connection.execute(query).scalars())


def _stored(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM event")).scalar_one())


def _check_stored(engine: Engine, expected: int) -> None:
    """An answer means durable: nothing that was answered may be missing.

    Raises:
        RuntimeError: more or fewer events are stored than were answered.
    """
    stored = _stored(engine)
    if stored != expected:
        raise RuntimeError(f"{stored:,} events are stored, {expected:,} were answered")
