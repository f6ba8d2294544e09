"""Row "rescore everything": against DuckDB and against a loop over customers through the ORM."""

from statistics import median

from sqlalchemy import text
from sqlmodel import Session, select

from benchmarks.baselines import plain_scores, plain_tables
from benchmarks.baselines.duckdb_signals import Yardstick
from benchmarks.bench import Bench
from benchmarks.measures.equality import check_plain, check_signals
from benchmarks.measures.rescoring import REST, STAGES, rescore_unchanged, rewrite_everybody
from benchmarks.rows import Row, at_least, at_most
from benchmarks.timing import figure, interleaved, ratios, sample, seconds

ROUNDS = 5
# Who has left keeps the score of then: a rescore of everybody passes them by.
_STILL_HERE = text("SELECT count(*) FROM customer WHERE churned_at IS NULL")
LOOP_CUSTOMERS = 200
"""Customers that the plain way scores a round; it takes the same time for each, so far as seen."""


def measure(bench: Bench) -> None:
    """Fill in the rows of the rescore and its profile."""
    engine = bench.engines[bench.main]
    with engine.connect() as connection:
        customers = connection.execute(_STILL_HERE).scalar_one()
    yardstick = Yardstick(engine, bench.lab.folder)
    check_signals(engine, yardstick, bench.now)
    plain_tables.copy_from_product(engine, customers=LOOP_CUSTOMERS, now=bench.now)
    check_plain(engine, bench.now)
    profiles: list[dict[str, float]] = []

    def product() -> float:
        profiles.append(rewrite_everybody(engine, bench.now))
        return sum(profiles[-1].values())

    found = interleaved(
        ROUNDS,
        {
            "product": product,
            "duckdb": lambda: seconds(lambda: yardstick.signals(bench.today)),
            "loop": lambda: _loop(bench) * customers,
            "unchanged": lambda: rescore_unchanged(engine, bench.now),
        },
    )
    yardstick.close()
    bench.profile = {
        name: median(profile[name] for profile in profiles) for name in (*STAGES, REST)
    }
    _add_rows(bench, customers, found, [_signals_and_scoring(profile) for profile in profiles])


def _signals_and_scoring(profile: dict[str, float]) -> float:
    return profile["query: signals"] + profile["score"]


def _loop(bench: Bench) -> float:
    """Seconds a customer, the plain way."""
    with Session(bench.engines[bench.main]) as session:
        ids = session.exec(select(plain_tables.Customer.id)).all()

    def work() -> None:
        for customer_id in ids:
            with Session(bench.engines[bench.main]) as session:
                plain_scores.rescore(session, customer_id or 0, bench.now)

    return seconds(work) / len(ids)


def _add_rows(
    bench: Bench, customers: int, found: dict[str, list[float]], reading: list[float]
) -> None:
    counters = bench.portfolios[bench.main].counters
    against_duckdb = ratios(reading, found["duckdb"])
    bench.rows.append(
        Row(
            f"rescore: signals and scoring of {customers:,} customers, {counters:,} counters",
            "≤ 10 × DuckDB",
            sample(reading).text("ms", 1000),
            "DuckDB, signals alone: " + sample(found["duckdb"]).text("ms", 1000),
            f"{against_duckdb.text()} ×",
            at_most(against_duckdb.middle, 10),
        )
    )
    speed = sample([customers / value for value in found["product"]])
    bench.rows.append(
        Row(
            "rescore: with every row written",
            "≥ 10,000 customers/s",
            speed.text("customers/s"),
            reached=at_least(speed.middle, 10_000),
        )
    )
    against_loop = ratios(found["loop"], found["product"])
    plain = sample([customers / value for value in found["loop"]])
    bench.rows.append(
        Row(
            "rescore: the same against a loop over customers",
            "≥ 40 × the loop",
            speed.text("customers/s"),
            f"ORM loop, {LOOP_CUSTOMERS} customers scored: {plain.text('customers/s')}",
            f"{against_loop.text()} ×",
            at_least(against_loop.middle, 40),
        )
    )
    unchanged = sample([customers / value for value in found["unchanged"]])
    bench.rows.append(Row("rescore: when nothing changed", "–", unchanged.text("customers/s")))
    bench.tell(f"rescore: {figure(speed.middle)} customers/s")
