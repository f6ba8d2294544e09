"""The facts of every customer who hasn't left, enough for several scoring models at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from numpy.typing import NDArray
from sqlalchemy import Row
from sqlmodel import Session

from db.queries import model_portfolio as queries
from scoring.model import ScoringModel
from services import signals
from services.clock import utc_day


class Portfolio(NamedTuple):
    """Customers by id, and their facts in the same order."""

    customers: Sequence[Row[Any]]
    """customer_id, customer_name, arr."""
    facts: dict[str, NDArray[Any]]


def portfolio(session: Session, *models: ScoringModel, now: datetime) -> Portfolio:
    """What the models need to know today; a model that asks nothing new costs no statement."""
    customers = queries.living(session, now=now)
    ids = [row.customer_id for row in customers]
    facts: dict[str, NDArray[Any]] = {}
    for model in models:
        if any(signal.column not in facts for signal in model.signals()) or not facts:
            today = utc_day(now)
            facts |= signals.load_day(
                session, customer_ids=ids, day=today, model=model, today=today
            )
    return Portfolio(customers, facts)
