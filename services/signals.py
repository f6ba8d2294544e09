"""Signals as the table that scoring takes."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice

import numpy as np
import pandas as pd
from sqlmodel import Session

from db.queries import signals as queries
from db.queries.signals import Columns, Span
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
    """What the model needs to know of each (customer, as of): a statement a day.

    The caller keeps days within a customer's life: not after the day it left.

    Args:
        today: the current UTC day, for what is only known as of it.
        details: also what only explanations read.

    Returns:
        Indexed by (customer_id, as_of), in the order of `pairs`, without unknown
        customers; columns as `scoring.signals` describes them.
    """
    wanted = model.signals() + (model.detail_signals() if details else ())
    customers = {day: [key for key, as_of in pairs if as_of == day] for _, day in pairs}
    frames = [
        _load_day(session, wanted, ids, day, today)
        for day, ids in (customers or {today: []}).items()
    ]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames)
    return frame.loc[[pair for pair in pairs if pair in frame.index]]


def load_spans(
    session: Session, *, spans: Sequence[Span], model: ScoringModel, today: date
) -> pd.DataFrame:
    """The same, without details, for every day of each customer's span, by customer and day.

    In one statement, at little more than the cost of a single day: what enters or leaves a
    window is counted once. A customer has one span.
    """
    days = {day for span in spans for day in (span.first_day, span.last_day)}
    if len(days) == 1:
        customer_ids = [span.customer_id for span in spans]
        return _load_day(session, model.signals(), customer_ids, days.pop(), today)
    asked = model.signals()
    columns = queries.over_spans(session, spans=spans, signals=asked, today=today)
    return _frame(columns, asked)


def _load_day(
    session: Session, wanted: Sequence[Signal], customer_ids: Sequence[int], day: date, today: date
) -> pd.DataFrame:
    peers = [signal for signal in wanted if signal.name == "other_features"]
    own = {signal: Signal("feature_names", signal.window) for signal in peers}
    asked = tuple(dict.fromkeys([*(s for s in wanted if s not in own), *own.values()]))
    columns = dict(
        queries.on_day(session, customer_ids=customer_ids, day=day, signals=asked, today=today)
    )
    for signal in asked:
        if signal.name == "outstanding":
            columns[signal.column] = [_by_currency(owed) for owed in columns[signal.column]]
    for signal, names_used in own.items():
        popular = popular_features(session, as_of=day, window=signal.window)
        columns[signal.column] = [_unused(used, popular) for used in columns[names_used.column]]
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


def _frame(columns: Columns, signals: Sequence[Signal]) -> pd.DataFrame:
    types = {"segment": "object", "age_days": "int64"}
    types |= {name: "bool" for name in CONTEXT if name.startswith("connected_")}
    types |= {signal.column: _TYPES[signal.kind] for signal in signals}
    index = pd.MultiIndex.from_arrays([columns[name] for name in INDEX], names=INDEX)
    data = {
        name: pd.Series(columns[name], dtype=dtype)
        if dtype == "object"
        else np.array(columns[name], dtype=dtype)
        for name, dtype in types.items()
    }
    frame = pd.DataFrame(data)
    frame.index = index  # once: each series would make its own
    return frame
