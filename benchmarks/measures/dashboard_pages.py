"""Rows of the dashboard: each page's script in a real process, and what it sends to a browser."""

from collections.abc import Mapping
from contextlib import ExitStack
from statistics import median

from benchmarks.bench import Bench
from benchmarks.dashboard_session import DashboardSession, Run, open_tab
from benchmarks.rows import Row, at_most
from benchmarks.servers import Server
from benchmarks.timing import figure, sample

PAGES: Mapping[str, tuple[str, str]] = {
    "Overview": ("", ""),
    "Customers": ("customers", ""),
    "Customers, searched": ("customers", "q=nova&sort=-arr"),
    "Customer": ("customer", "id=7"),
    "Record event": ("record-event", ""),
    "Import": ("import", ""),
}
WARM, COLD = 7, 3
VISITORS = 3
PAGE = "dashboard page, the slowest, caches warm (ms)"


def measure(bench: Bench, size: int, server: Server) -> None:
    """Fill in a row a page; several visitors stay, as in the morning."""
    slowest = 0.0
    with ExitStack() as stack:
        visitors = [stack.enter_context(open_tab(server.port)) for _ in range(VISITORS)]
        for visitor in visitors:
            visitor.run("")
        for name, (page, query) in PAGES.items():
            cold = [_cold(visitors[0], page, query).seconds for _ in range(COLD)]
            warm = [visitor.run(page, query) for visitor in visitors for _ in range(WARM)]
            seconds = [run.seconds for run in warm]
            slowest = max(slowest, median(seconds))
            _add_row(bench, f"{name}, {size:,} customers", seconds, cold, warm[-1])
    bench.grew(PAGE, size, 1000 * slowest)


def _cold(visitor: DashboardSession, page: str, query: str) -> Run:
    visitor.clear_caches()
    return visitor.run(page, query)


def _add_row(bench: Bench, name: str, warm: list[float], cold: list[float], run: Run) -> None:
    worse = max(median(warm), median(cold))
    bench.rows.append(
        Row(
            f"page {name}",
            "≤ 300 ms at 10,000",
            f"{sample(warm).text('ms', 1000)}, caches empty {sample(cold).text('ms', 1000)}; "
            f"sends {figure(run.sent_bytes / 1000)} kB",
            reached=at_most(1000 * worse, 300),
        )
    )
