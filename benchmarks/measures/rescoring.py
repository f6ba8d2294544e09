"""A rescore of everybody by the product itself, every row written, and what its stages take."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session

from benchmarks.portfolio import score_everybody
from benchmarks.timing import seconds
from db.queries import scoring_models
from db.session import write
from services import scorer, signals
from services.clock import utc_now
from services.scoring_models import active_model

STAGES = {
    "query: signals": (signals, "load_spans"),
    "score": (scorer, "score"),
    "write": (scorer, "store"),
}
"""Stage → the function of the product that is the stage."""
REST = "the rest: queue, locks, commit"


def rewrite_everybody(engine: Engine, now: datetime) -> dict[str, float]:
    """Seconds of a rescore that writes every row, by stage: a new version of the model came out.

    Raises:
        RuntimeError: a customer's current score or today's snapshot was not written; who has
            left keeps the score of then.
    """
    write(lambda session: _publish_anew(session), engine=engine)
    _vacuum(engine)
    with stages() as found:
        total = seconds(lambda: score_everybody(engine, now=now))
    _check_written(engine)
    return {**found, REST: total - sum(found.values())}


def rescore_unchanged(engine: Engine, now: datetime) -> float:
    """Seconds of a rescore that finds every score as it is stored."""
    _vacuum(engine)
    return seconds(lambda: score_everybody(engine, now=now))


@contextmanager
def stages() -> Iterator[dict[str, float]]:
    """Seconds spent in each stage of the scorer while the block runs."""
    found = dict.fromkeys(STAGES, 0.0)
    originals = {name: getattr(module, function) for name, (module, function) in STAGES.items()}
    for name, (module, function) in STAGES.items():
        setattr(module, function, _timed(name, originals[name], found))
    try:
        yield found
    finally:
        for name, (module, function) in STAGES.items():
            setattr(module, function, originals[name])


def _timed(name: str, function: Callable[..., Any], found: dict[str, float]) -> Callable[..., Any]:
    def timed(*arguments: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            found[name] += time.perf_counter() - start

    return timed


def _publish_anew(session: Session) -> None:
    """The active model, unchanged, as its next version: every stored score is of an older one."""
    model, version = active_model(session)
    name, now = model.name, utc_now()
    scoring_models.publish(
        session,
        name=name,
        version=version + 1,
        definition=model.definition(),
        author="bench",
        reason="",
        now=now,
    )
    scoring_models.activate(
        session, name=name, version=version + 1, actor="bench", reason="", now=now
    )


def _check_written(engine: Engine) -> None:
    query = text("""
        SELECT count(*) FILTER (WHERE h.churned_at IS NULL
            AND (h.model_version, s.model_version) IS DISTINCT FROM (m.version, m.version))
        FROM scoring_model m CROSS JOIN customer_health h
        LEFT JOIN health_snapshot s ON s.customer_id = h.customer_id AND s.day = h.as_of
        WHERE m.active
    """)
    with engine.connect() as connection:
        missed = connection.execute(query).scalar_one()
    if missed:
        raise RuntimeError(f"{missed} customers were not rewritten")


def _vacuum(engine: Engine) -> None:
    """What autovacuum does between two nightly rescores."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE) customer_health, health_snapshot, rescore_queue"))
