"""The demo generator: how fast it fills an empty database."""

from sqlalchemy import text

from benchmarks.bench import Bench
from benchmarks.rows import Row, at_least
from benchmarks.timing import figure, seconds
from db.session import write
from services import demo
from services.actor import of_command

DAYS = 120
DATABASE = "demo"


def measure(bench: Bench, customers: int) -> None:
    """Fill in the row."""
    engine = bench.lab.create(DATABASE)
    taken = seconds(
        lambda: write(
            lambda session: demo.load(
                session,
                by=of_command(),
                customers=customers,
                days=DAYS,
                as_of=bench.today,
                score=False,
            ),
            engine=engine,
        )
    )
    with engine.connect() as connection:
        events = int(connection.execute(text("SELECT count(*) FROM event")).scalar_one())
    engine.dispose()
    bench.lab.administer(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    bench.rows.append(
        Row(
            f"demo data: {customers:,} customers × {DAYS} days, {events:,} events",
            "≥ 50,000 events/s",
            f"{figure(events / taken)} events/s",
            reached=at_least(events / taken, 50_000),
        )
    )
