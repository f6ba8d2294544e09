"""`results.md`: everything that one run has found."""

from collections.abc import Iterable, Sequence

from benchmarks.bench import Bench
from benchmarks.rows import Row
from benchmarks.timing import figure

HEAD = ("what", "target", "measured", "baseline", "ratio", "reached")


def table(rows: Iterable[Row]) -> list[str]:
    """The rows as lines of a Markdown table."""
    return _table(
        HEAD,
        [
            (row.what, row.target, row.measured, row.baseline, row.ratio, row.reached)
            for row in rows
        ],
    )


def results(bench: Bench, *, machine: str, load: str, versions: str) -> str:
    """The file's text."""
    counters = bench.portfolios[bench.main].counters
    lines = [
        "# What `make bench` measured",
        "",
        f"{bench.now:%d %B %Y}, {machine}; requests, baselines and PostgreSQL share them. "
        f"Load average before it began: {load}.",
        f"{versions}.",
        "",
        f"{bench.main:,} customers × 90 days, {counters:,} counters; written by the bench, not by "
        "hand ([README](README.md) says how each row is measured). A figure is a median, with "
        "the lowest and the highest of its runs; a ratio is one of the same run, run by run.",
        "",
        *table(bench.rows),
        "",
        f"## Where a rescore of {bench.main:,} customers spends its time",
        "",
        *_profile(bench),
        "",
        "## Growth",
        "",
        *_growth(bench),
        "",
        "## Peak memory",
        "",
        *_table(
            ("process", "at the end", "peak"),
            [
                (name, f"{figure(now)} MB", f"{figure(peak)} MB")
                for name, (now, peak) in bench.memory.items()
            ],
        ),
    ]
    return "\n".join(lines) + "\n"


def _profile(bench: Bench) -> list[str]:
    total = sum(bench.profile.values())
    return _table(
        ("stage", "ms", "share"),
        [
            (stage, figure(1000 * seconds), f"{seconds / total:.0%}")
            for stage, seconds in bench.profile.items()
        ],
    )


def _growth(bench: Bench) -> list[str]:
    return _table(
        ("customers", *(f"{size:,}" for size in bench.sizes)),
        [
            (what, *(figure(found[size]) if size in found else "–" for size in bench.sizes))
            for what, found in bench.growth.items()
        ],
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        _line(head),
        _line(["---"] * len(head)),
        *(_line(row) for row in rows),
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '¦') for cell in cells)} |"
