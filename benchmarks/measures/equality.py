"""Nothing is timed before it is shown to give the product's own results."""

from datetime import datetime

import numpy as np
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from benchmarks.baselines import plain_scores, plain_tables
from benchmarks.baselines.duckdb_signals import Yardstick
from db.queries.signals import Span
from services.clock import utc_day
from services.scoring_models import active_model
from services.signals import load_spans

_LAST_DAYS = text("""
    SELECT id, LEAST((churned_at AT TIME ZONE 'UTC')::date, CAST(:today AS date))
    FROM customer ORDER BY id
""")
_SCORES = text("SELECT customer_id, overall_score FROM customer_health")


class UnequalError(Exception):
    """A baseline does other work than the product."""


def check_signals(engine: Engine, yardstick: Yardstick, now: datetime) -> None:
    """DuckDB's signals are the product's, of every customer, to the last bit.

    Raises:
        UnequalError: they are not.
    """
    today = utc_day(now)
    theirs = yardstick.signals(today)
    with Session(engine) as session:
        model, _ = active_model(session)
        spans = [
            Span(row[0], row[1], row[1])
            for row in session.connection().execute(_LAST_DAYS, {"today": today})
        ]
        ours = load_spans(session, spans=spans, model=model, today=today)
    for name in (signal.column for signal in model.signals()):
        if not np.array_equal(ours[name].to_numpy(), theirs[name]):
            raise UnequalError(f"DuckDB's {name} differs as of {today}")


def check_plain(engine: Engine, now: datetime) -> None:
    """The plain way's scores are the product's.

    Raises:
        UnequalError: they are not, or there is none.
    """
    with Session(engine) as session:
        product = {row[0]: row[1] for row in session.connection().execute(_SCORES)}
        customers = session.exec(select(plain_tables.Customer)).all()
        for customer in customers:
            score = plain_scores.calculate(session, customer, now)
            if abs(score.overall - product[customer.id]) > 1e-9:
                raise UnequalError(f"customer {customer.id}: the plain way says {score.overall}")
    if not customers:
        raise UnequalError("the plain way has no customer to score")
