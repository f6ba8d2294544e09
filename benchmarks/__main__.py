"""`make bench`: every measurement, the table, `results.md`, the README's lines and its plot."""

import argparse
import sys
import time
from contextlib import ExitStack

from benchmarks import plot, readme, report
from benchmarks.bench import SIZES, Bench
from benchmarks.lab import Lab, open_lab
from benchmarks.machine import load, machine, versions
from benchmarks.measures import (
    dashboard_pages,
    demo_load,
    event_requests,
    growth,
    imports,
    list_pages,
    memory,
    reads,
    rescore,
    through_time,
)
from benchmarks.servers import running_api, running_dashboard, running_plain_app
from services.clock import utc_now
from settings import PROJECT_ROOT

RESULTS = PROJECT_ROOT / "benchmarks" / "results.md"
PLOT = PROJECT_ROOT / "docs" / "images" / "growth.svg"
IMPORTED, DEMO_CUSTOMERS, BACKFILLED = 300_000, 1_000, 500


def main() -> int:
    """Run it; results of another size than the default's or larger are printed only."""
    options = _options()
    busy = load()
    with open_lab() as lab:
        bench = prepare(lab, customers=options.customers)
        run(bench, imported=IMPORTED, demo_customers=DEMO_CUSTOMERS, backfilled=BACKFILLED)
        text = report.results(
            bench,
            machine=machine(),
            load=busy,
            versions=versions(bench.engines[bench.main]),
        )
        sys.stdout.write(f"\n{text}")
        if bench.largest >= SIZES[2]:
            RESULTS.write_text(text)
            readme.update(PROJECT_ROOT / "README.md", bench.rows)
            plot.draw(bench, PLOT)
    return 0


def prepare(lab: Lab, *, customers: int) -> Bench:
    """The databases, loaded: rows speak of 10,000 customers, or of all when they are fewer."""
    sizes = tuple(sorted({*(size for size in SIZES if size < customers), customers}))
    bench = Bench(lab, min(customers, SIZES[2]), sizes, utc_now(), Teller())
    bench.load()
    return bench


def run(bench: Bench, *, imported: int, demo_customers: int, backfilled: int) -> None:
    """Every row, one after the other."""
    bench.tell("rescore")
    rescore.measure(bench)
    bench.tell("growth")
    growth.measure(bench)
    with ExitStack() as stack:
        servers = {size: stack.enter_context(running_api(bench.url(size))) for size in bench.sizes}
        plain = stack.enter_context(running_plain_app(bench.url(bench.main)))
        bench.tell("list pages")
        list_pages.measure(bench, servers, plain, rescore.LOOP_CUSTOMERS)
        bench.tell("health and stats")
        reads.measure(bench, servers, plain, rescore.LOOP_CUSTOMERS)
        bench.tell("through time")
        through_time.measure(bench, servers[bench.main], backfilled)
    for size in sorted({bench.main, bench.largest}):
        with ExitStack() as stack:
            api = stack.enter_context(running_api(bench.url(size)))
            if size == bench.main:
                bench.tell("events")
                plain = stack.enter_context(running_plain_app(bench.url(bench.main)))
                event_requests.measure(bench, api, plain)
            memory.rescore_in_process(bench.engines[size], bench)
            memory.measure(bench, "API", memory.API, size, api)
            bench.tell(f"dashboard, {size:,} customers")
            dashboard = stack.enter_context(running_dashboard(bench.url(size)))
            dashboard_pages.measure(bench, size, dashboard)
            memory.measure(bench, "dashboard", memory.DASHBOARD, size, dashboard)
    bench.tell("import and demo data")
    imports.measure(bench, imported)
    demo_load.measure(bench, demo_customers)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--customers",
        type=int,
        default=SIZES[2],
        help="the largest portfolio (default %(default)s)",
    )
    return parser.parse_args()


class Teller:
    """Says on standard error what is being done, and when."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, what: str) -> None:
        sys.stderr.write(f"{time.monotonic() - self._start:6.1f} s  {what}\n")


if __name__ == "__main__":
    sys.exit(main())
