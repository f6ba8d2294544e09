"""Rows "GET /api/customers": every sort and filter, pages by cursor, `q` and the count apart."""

import json
import urllib.request
from collections.abc import Mapping
from itertools import product
from statistics import median
from urllib.parse import urlsplit

from benchmarks.bench import SMALLEST, Bench
from benchmarks.http_load import drive, get
from benchmarks.rows import Row, at_most
from benchmarks.servers import Server
from benchmarks.timing import figure, interleaved, percentile, ratios, sample

SORTS = tuple(
    f"sort={sign}{name}"
    for name in (
        "overall_score", "name", "trend_30d", "arr", "renewal_date", "last_activity_at",
        "created_at",
    )
    for sign in ("", "-")
)  # fmt: skip
FILTERS = (
    "", "status=at_risk", "status=critical&status=at_risk", "segment=smb", "owner=Manager%207",
    "min_score=50&max_score=80", "churned=any", "churned=true",
    "status=at_risk&segment=smb&owner=Manager%207",
)  # fmt: skip
FULL_AT_ANY_SIZE = ("", "churned=any", "min_score=50")
"""Filters that leave two pages of `SHORT` even of a hundred customers."""
SHORT = 20
SEARCHES = (
    "q=nova",
    "q=ban",
    "q=team7",
    "q=crm-1",
    "q=nobody",
    "q=a&sort=-arr",
    "q=works&status=at_risk",
)
PAGES, REPEATS, ROUNDS = 3, 6, 5
LIST = "list page, p50 (ms)"
SEARCH = "list with `q` or count, p50 of the slowest (ms)"


def measure(bench: Bench, servers: Mapping[int, Server], plain: Server, plain_size: int) -> None:
    """Fill in the rows of the list, and the growth table."""
    for size in bench.sizes:
        port = servers[size].port
        by_query = {
            "&".join(filter(None, parts)): pages_after(port, "&".join(filter(None, parts)))
            for parts in product(FILTERS, SORTS)
        }
        by_query = {query: pages for query, pages in by_query.items() if pages}
        found = {query: _latencies(port, pages) for query, pages in by_query.items()}
        together = [latency for latencies in found.values() for latency in latencies]
        bench.grew(LIST, size, 1000 * median(together))
        searches = {query: _latencies(port, [f"/api/customers?{query}"]) for query in _counted()}
        slowest, worst = _slowest(searches)
        bench.grew(SEARCH, size, 1000 * worst)
        if size in {bench.main, bench.largest}:
            _add_page_rows(bench, size, found, together)
            bench.rows.append(
                Row(
                    f"list with `q` or count, {size:,} customers: the slowest, p50",
                    "≤ 150 ms at 100,000",
                    f"{figure(1000 * worst)} ms (`{slowest}`)",
                    reached=at_most(1000 * worst, 150),
                )
            )
    _add_flatness(bench, servers)
    _add_against_plain(bench, servers[bench.main], plain, plain_size)


def pages_after(port: int, query: str) -> list[str]:
    """The pages that follow the first one, up to `PAGES`; the first one carries the count."""
    pages: list[str] = []
    path = f"/api/customers?{query}"
    while len(pages) < PAGES:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            json.load(answer)
            link = answer.headers.get("Link")
        if not link:
            break
        parts = urlsplit(link.partition("<")[2].partition(">")[0])
        path = f"{parts.path}?{parts.query}"
        pages.append(path)
    return pages


def _latencies(port: int, paths: list[str]) -> list[float]:
    return drive(port, [get(path) for path in paths] * REPEATS, connections=1).latencies


def _counted() -> list[str]:
    """First pages: with the count, and with `q`."""
    return [*SEARCHES, *(query for query in FILTERS if query), "sort=-arr"]


def _slowest(found: Mapping[str, list[float]]) -> tuple[str, float]:
    middles = {query: median(latencies) for query, latencies in found.items()}
    query = max(middles, key=lambda query: middles[query])
    return query, middles[query]


def _add_page_rows(
    bench: Bench, size: int, found: Mapping[str, list[float]], together: list[float]
) -> None:
    p50, p95 = 1000 * median(together), 1000 * percentile(together, 0.95)
    slowest, worst = _slowest(found)
    bench.rows.append(
        Row(
            f"list page, {size:,} customers: {len(found)} pairs of sort and filter, p50",
            "≤ 5 ms",
            f"{figure(p50)} ms (p95 {figure(p95)} ms)",
            reached=at_most(p50, 5),
        )
    )
    bench.rows.append(
        Row(
            f"list page, {size:,} customers: the slowest pair, p50",
            "≤ 5 ms",
            f"{figure(1000 * worst)} ms (`{slowest}`)",
            reached=at_most(1000 * worst, 5),
        )
    )


def _add_flatness(bench: Bench, servers: Mapping[int, Server]) -> None:
    """The same number of rows a page at both sizes, in turns."""

    def p50(size: int) -> float:
        return median(drive(servers[size].port, requests[size], connections=1).latencies) * 1000

    requests = {
        size: [
            get(path)
            for parts in product(FULL_AT_ANY_SIZE, SORTS)
            for path in pages_after(
                servers[size].port, "&".join(filter(None, (*parts, f"limit={SHORT}")))
            )[:1]
        ]
        * REPEATS
        for size in (SMALLEST, bench.largest)
    }
    found = interleaved(
        ROUNDS, {"small": lambda: p50(SMALLEST), "large": lambda: p50(bench.largest)}
    )
    ratio = ratios(found["large"], found["small"])
    bench.rows.append(
        Row(
            f"list page of {SHORT}, {bench.largest:,} against {SMALLEST} customers, p50",
            "≤ 1.5 ×",
            sample(found["large"]).text("ms"),
            sample(found["small"]).text("ms"),
            f"{ratio.text()} ×",
            at_most(ratio.middle, 1.5),
        )
    )


def _add_against_plain(bench: Bench, server: Server, plain: Server, plain_size: int) -> None:
    paths = [get("/api/customers?sort=overall_score")] * 50
    found = interleaved(
        3,
        {
            "product": lambda: median(drive(server.port, paths, connections=1).latencies),
            "plain": lambda: (
                drive(plain.port, [get("/customers")], connections=1).seconds
                * bench.main
                / plain_size
            ),
        },
    )
    bench.rows.append(
        Row(
            f"first page by score with its count, {bench.main:,} customers",
            "–",
            sample(found["product"]).text("ms", 1000),
            f"plain app, measured with {plain_size} customers, extrapolated: "
            + sample(found["plain"]).text("s"),
            f"{ratios(found['plain'], found['product']).text()} ×",
        )
    )
