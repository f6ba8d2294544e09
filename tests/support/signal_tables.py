"""Signals of any customers on any days, in one table."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
from sqlmodel import Session

from scoring.model import ScoringModel
from services import signals
from tests.support.scoring_facts import TODAY


def load_pairs(
    session: Session,
    *,
    pairs: Sequence[tuple[int, date]],
    model: ScoringModel,
    today: date = TODAY,
    details: bool = False,
) -> pd.DataFrame:
    """The signals of each (customer, as of), in this order, without unknown customers."""
    tables = [
        signals.table(
            signals.load_day(
                session,
                customer_ids=[key for key, as_of in pairs if as_of == day],
                day=day,
                model=model,
                today=today,
                details=details,
            )
        )
        for day in dict.fromkeys(day for _, day in pairs)
    ]
    together = pd.concat(tables)
    return together.loc[[pair for pair in pairs if pair in together.index]]
