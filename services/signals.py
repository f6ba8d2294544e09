"""Signals as what scoring takes: columns of arrays, or a table where there are many rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlmodel import Session

from db.queries import signals as queries
from db.queries.signals import Columns, Span
from scoring.model import ScoringModel
from scoring.signals import CONTEXT, Signal
from services.peers import popular_features

INDEX = ["customer_id", "as_of"]
UNUSED_SHOWN = 10
_TYPES = {"integer": "int64", "float": "float64", "object": "object"}


def load_day(
    session: Session,
    *,
    customer_ids: Sequence[int],
    day: date,
    model: ScoringModel,
    today: date,
    details: bool = False,
    known_on: date | None = None,
) -> dict[str, NDArray[Any]]:
    """What the model needs to know of each of the customers that exist, by id, as of one day.

    The caller keeps the day within a customer's life: not after the day it left.

    Args:
        today: the current UTC day, for what is only known as of it.
        details: also what only explanations read.
        known_on: `day`, to leave out what came in after the end of that UTC day. Segments
            are those that held on the day anyway; creation and departure are as they are now.

    Returns:
        customer_id, as_of, and the columns that `scoring.signals` describes.

    Raises:
        ValueError: known_on is another day.
    """
    if known_on not in (None, day):
        raise ValueError("a score as of a day can be as known on that day only")
    known_then = known_on is not None and day < today
    wanted = model.signals() + (model.detail_signals() if details else ())
    peers = [signal for signal in wanted if signal.name == "other_features"]
    own = {signal: Signal("feature_names", signal.window) for signal in peers}
    asked = tuple(dict.fromkeys([*(s for s in wanted if s not in own), *own.values()]))
    columns = dict(
        queries.on_day(
            session,
            customer_ids=customer_ids,
            day=day,
            signals=asked,
            today=today,
            known_then=known_then,
        )
    )
    for signal in asked:
        if signal.name == "outstanding":
            columns[signal.column] = [_by_currency(owed) for owed in columns[signal.column]]
    for signal, names_used in own.items():
        popular = popular_features(session, as_of=day, window=signal.window, known_then=known_then)
        columns[signal.column] = [_unused(used, popular) for used in columns[names_used.column]]
    return _arrays(columns, (*asked, *peers))


def load_spans(
    session: Session, *, spans: Sequence[Span], model: ScoringModel, today: date
) -> pd.DataFrame:
    """The same, without details, for every day of each customer's span, by customer and day.

    In one statement, at little more than the cost of a single day: what enters or leaves a
    window is counted once. A customer has one span.

    Returns:
        A table indexed by (customer_id, as_of).
    """
    days = {day for span in spans for day in (span.first_day, span.last_day)}
    if len(days) == 1:
        ids = [span.customer_id for span in spans]
        return table(load_day(session, customer_ids=ids, day=days.pop(), model=model, today=today))
    asked = model.signals()
    columns = queries.over_spans(session, spans=spans, signals=asked, today=today)
    return table(_arrays(columns, asked))


def table(columns: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
    """The columns as a table, indexed by (customer_id, as_of)."""
    data = {
        name: pd.Series(values, dtype=object) if values.dtype == object else values
        for name, values in columns.items()
        if name not in INDEX
    }
    frame = pd.DataFrame(data)
    # Once: each series would make its own.
    frame.index = pd.MultiIndex.from_arrays([columns[name] for name in INDEX], names=INDEX)
    return frame


def _by_currency(owed: Iterable[tuple[str, str]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for currency, amount in owed:
        totals[currency] = totals.get(currency, Decimal(0)) + Decimal(amount)
    return totals


def _unused(used: Iterable[str], popular: Iterable[str]) -> list[str]:
    """The popular features that are not used, at most `UNUSED_SHOWN` of them."""
    known = set(used)
    return list(islice((name for name in popular if name not in known), UNUSED_SHOWN))


def _arrays(columns: Columns, signals: Sequence[Signal]) -> dict[str, NDArray[Any]]:
    types = {"customer_id": "int64", "as_of": "object", "segment": "object", "age_days": "int64"}
    types |= {name: "bool" for name in CONTEXT if name.startswith("connected_")}
    types |= {signal.column: _TYPES[signal.kind] for signal in signals}
    return {name: _array(columns[name], dtype) for name, dtype in types.items()}


def _array(values: Sequence[Any], dtype: str) -> NDArray[Any]:
    if dtype != "object":
        return np.array(values, dtype=dtype)
    found = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):  # as a whole, lists would become a second dimension
        found[row] = value
    return found
