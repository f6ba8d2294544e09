"""Scores through time: the backfill, another model's preview, what changed, validation aside."""

import random
from datetime import timedelta
from statistics import median

from sqlalchemy import Engine, text
from sqlmodel import Session

from benchmarks.bench import Bench
from benchmarks.http_load import drive, get
from benchmarks.rows import Row, at_most
from benchmarks.servers import Server
from benchmarks.timing import figure, interleaved, ratios, sample, seconds
from db.queries import queue
from db.session import read, write
from scoring.model import ScoringModel
from services import demo, signals
from services.actor import of_command
from services.model_preview import preview
from services.model_robustness import model_robustness
from services.scorer import drain
from services.scoring_models import active_model

DATABASE, DAYS, DAYS_ALONE = "through_time", 365, 5
ROUNDS = 3
REQUESTS = 50


def measure(bench: Bench, server: Server, backfilled: int) -> None:
    """Fill in the rows; `backfilled` customers get a year of history."""
    _backfill(bench, backfilled)
    _models(bench)
    _changes(bench, server)


def _backfill(bench: Bench, customers: int) -> None:
    """A year of a portfolio that was just imported, against asking for each day."""
    engine = bench.lab.create(DATABASE)

    def load(session: Session) -> int:
        return demo.load(
            session, by=of_command(), customers=customers, as_of=bench.today, score=False
        )

    write(load, engine=engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM rescore_queue"))
    first = bench.today - timedelta(days=DAYS - 1)
    write(lambda session: queue.enqueue_everybody(session, day=first), engine=engine)
    taken = seconds(lambda: _drain(bench, engine))
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT count(*) FROM health_snapshot")).scalar_one()
    alone = seconds(lambda: _day_by_day(bench, engine)) * DAYS / DAYS_ALONE
    engine.dispose()
    bench.lab.administer(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    bench.rows.append(
        Row(
            f"history of {customers} customers over {DAYS} days, {stored:,} scores stored",
            "≤ 10 s for 500",
            f"{figure(taken)} s",
            f"reading the signals of each day, extrapolated: {figure(alone)} s",
            f"{figure(alone / taken)} ×",
            at_most(taken * 500 / customers, 10),
        )
    )


def _drain(bench: Bench, engine: Engine) -> None:
    while write(lambda session: drain(session, now=bench.now), engine=engine):
        pass


def _day_by_day(bench: Bench, engine: Engine) -> None:
    with read(engine=engine) as session:
        ids = list(session.connection().execute(text("SELECT id FROM customer")).scalars())
        model, _ = active_model(session)
        for days in range(DAYS_ALONE):
            signals.load_day(
                session,
                customer_ids=ids,
                day=bench.today - timedelta(days=days + 1),
                model=model,
                today=bench.today,
            )


def _models(bench: Bench) -> None:
    engine = bench.engines[bench.main]
    with read(engine=engine) as session:
        active, version = active_model(session)
    definition = active.definition()
    definition["factors"]["login_frequency"]["window"] = 31
    draft = ScoringModel.model_validate(definition)

    def previewed(model: ScoringModel) -> float:
        with read(engine=engine) as session:
            return seconds(lambda: preview(session, model=model, now=bench.now))

    def firm() -> float:
        with read(engine=engine) as session:
            return seconds(
                lambda: model_robustness(session, model=active, version=version, now=bench.now)
            )

    found = interleaved(
        ROUNDS,
        {"same": lambda: previewed(active), "other": lambda: previewed(draft), "firm": firm},
    )
    middle = sample(found["other"])
    bench.rows.append(
        Row(
            f"preview of a scoring model with another window, {bench.main:,} customers",
            "≤ 2 s at 10,000",
            middle.text("s"),
            f"of one with the same windows: {sample(found['same']).text('s')}",
            f"{ratios(found['other'], found['same']).text()} ×",
            at_most(middle.middle, 2),
        )
    )
    bench.rows.append(
        Row(
            f"500 draws of the weights over {bench.main:,} customers, signals included",
            "–",
            sample(found["firm"]).text("s"),
        )
    )


def _changes(bench: Bench, server: Server) -> None:
    chance = random.Random(bench.main)  # noqa: S311 - the same customers in every run
    ids = [chance.randint(1, bench.main) for _ in range(REQUESTS)]

    def p50(paths: list[str]) -> float:
        return 1000 * median(
            drive(server.port, [get(path) for path in paths], connections=1).latencies
        )

    found = interleaved(
        ROUNDS,
        {
            "changes": lambda: p50([f"/api/customers/{key}/health/changes" for key in ids]),
            "health": lambda: p50([f"/api/customers/{key}/health" for key in ids]),
            "movers": lambda: p50(["/api/dashboard/movers"] * REQUESTS),
        },
    )
    bench.rows.append(
        Row(
            f"what changed a customer's score in a week, {bench.main:,} customers, p50",
            "–",
            sample(found["changes"]).text("ms"),
            f"its health: {sample(found['health']).text('ms')}",
            f"{ratios(found['changes'], found['health']).text()} ×",
        )
    )
    bench.rows.append(
        Row(
            f"the week's 10 biggest movers with their reasons, {bench.main:,} customers, p50",
            "–",
            sample(found["movers"]).text("ms"),
        )
    )
