"""Row "growth": what a rescore of everybody takes a customer, at every size."""

from functools import partial

from benchmarks.bench import Bench
from benchmarks.measures.rescoring import rewrite_everybody
from benchmarks.rows import Row, at_most
from benchmarks.timing import interleaved, ratios, sample

ROUNDS = 3
RESCORE = "rescore, every row written (µs a customer)"


def measure(bench: Bench) -> None:
    """Fill in the row and the growth table."""

    def per_customer(size: int) -> float:
        seconds = sum(rewrite_everybody(bench.engines[size], bench.now).values())
        return seconds / size * 1e6

    found = interleaved(ROUNDS, {str(size): partial(per_customer, size) for size in bench.sizes})
    for size in bench.sizes:
        bench.grew(RESCORE, size, sample(found[str(size)]).middle)
    before = max((size for size in bench.sizes if size < bench.largest), default=bench.largest)
    small, large = (min(before, 10_000), bench.largest)
    ratio = ratios(found[str(large)], found[str(small)])
    judged = large >= 100_000
    bench.rows.append(
        Row(
            f"growth: rescore a customer, {large:,} against {small:,} customers",
            "≤ 1.3 × at 100,000 against 10,000",
            sample(found[str(large)]).text("µs"),
            sample(found[str(small)]).text("µs"),
            f"{ratio.text()} ×",
            at_most(ratio.middle, 1.3) if judged else "– (needs `--customers 100000`)",
        )
    )
