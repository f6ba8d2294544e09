"""Signals as the table that scoring takes."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import pandas as pd
from sqlmodel import Session

from db.queries import signals as queries
from scoring.model import ScoringModel
from scoring.signals import CONTEXT, Signal
from services.peers import popular_features

INDEX = ["customer_id", "as_of"]
UNUSED_SHOWN = 10
_TYPES = {"integer": "int64", "float": "float64", "object": "object"}


def load_pairs(
    session: Session,
    *,
    pairs: Sequence[tuple[int, date]],
    model: ScoringModel,
    today: date,
    details: bool = False,
) -> pd.DataFrame:
    """What the model needs to know of each (customer, as of).

    The caller keeps days within a customer's life: not after the day it left.

    Args:
        today: the current UTC day, for what is only known as of it.
        details: also what only explanations read.

    Returns:
        Indexed by (customer_id, as_of), in the order of `pairs`, without unknown
        customers; columns as `scoring.signals` describes them.
    """
    wanted = model.signals() + (model.detail_signals() if details else ())
    peers = [signal for signal in wanted if signal.name == "other_features"]
    own = {signal: Signal("feature_names", signal.window) for signal in peers}
    asked = tuple(dict.fromkeys([*(s for s in wanted if s not in own), *own.values()]))
    rows = queries.fetch(session, pairs=pairs, signals=asked, today=today)
    names = (*INDEX, *CONTEXT, *(signal.column for signal in asked))
    columns = {name: [row[name] for row in rows] for name in names}
    for signal in asked:
        if signal.name == "outstanding":
            columns[signal.column] = [_by_currency(owed) for owed in columns[signal.column]]
    for signal, names_used in own.items():
        columns[signal.column] = [
            _unused(used, popular_features(session, as_of=as_of, window=signal.window))
            for used, as_of in zip(columns[names_used.column], columns["as_of"], strict=True)
        ]
    return _frame(columns, (*asked, *peers))


def _by_currency(owed: Iterable[tuple[str, str]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for currency, amount in owed:
        totals[currency] = totals.get(currency, Decimal(0)) + Decimal(amount)
    return totals


def _unused(used: Iterable[str], popular: Iterable[str]) -> list[str]:
    """The popular features that are not used, at most `UNUSED_SHOWN` of them."""
    known = set(used)
    return list(islice((name for name in popular if name not in known), UNUSED_SHOWN))


def _frame(columns: dict[str, list[Any]], signals: Sequence[Signal]) -> pd.DataFrame:
    types = {"segment": "object", "age_days": "int64"}
    types |= {name: "bool" for name in CONTEXT if name.startswith("connected_")}
    types |= {signal.column: _TYPES[signal.kind] for signal in signals}
    index = pd.MultiIndex.from_arrays([columns[name] for name in INDEX], names=INDEX)
    data = {name: pd.Series(columns[name], index, dtype=dtype) for name, dtype in types.items()}
    return pd.DataFrame(data, index=index)
