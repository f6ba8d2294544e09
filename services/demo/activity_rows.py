"""What a chunk's demo events add to `daily_activity` and `last_seen`, by the rules of ingestion.

Rows are grouped by a number that packs their keys: customer, then day or kind, then the rest.
"""

from collections.abc import Sequence

import numpy as np

from db.queries.bulk_load import NULL
from db.tables import SeenKind, Signal
from services.demo.column_text import Columns, Ints, day_texts, groups, moments
from services.demo.companies import Company
from services.demo.usage import ENDPOINTS, FEATURES, Simulation
from services.events import EVENT_TYPES

_NAMES: dict[int, Sequence[str]] = {
    SeenKind.ENDPOINT: ENDPOINTS,
    SeenKind.EVENT_TYPE: EVENT_TYPES,
    SeenKind.FEATURE: FEATURES,
}


def counter_columns(ids: Sequence[int], usage: Simulation) -> Columns:
    """`daily_activity`: a row a customer, day, signal and key."""
    logins, calls, uses = usage.logins, usage.api_calls, usage.feature_uses
    failed = calls.status >= 400
    parts = (
        (logins, Signal.LOGIN, np.ones_like(logins.n), slice(None)),
        (calls, Signal.API_CALL, calls.n, slice(None)),
        (calls, Signal.API_ERROR, calls.n, failed),
        (uses, Signal.FEATURE_USE, uses.n, slice(None)),
        (logins, Signal.SESSION_SECONDS, logins.n, slice(None)),
    )
    codes, amounts, seconds = [], [], []
    for batch, signal, n, chosen in parts:
        key = batch.subject if signal is Signal.FEATURE_USE else np.zeros_like(batch.subject)
        day = batch.second // 86_400
        codes.append((((batch.customer << 20) + day << 4) + int(signal) << 5)[chosen] + key[chosen])
        amounts.append(n[chosen])
        seconds.append(batch.second[chosen])
    code, starts, order = groups(np.concatenate(codes))
    n = np.add.reduceat(np.concatenate(amounts)[order], starts) if starts.size else code
    last = np.maximum.reduceat(np.concatenate(seconds)[order], starts) if starts.size else code
    signals = ((code >> 5) & 15).tolist()
    return {
        "customer_id": [str(ids[number]) for number in (code >> 29).tolist()],
        "day": day_texts(code >> 9 & 0xFFFFF),
        "signal": [str(signal) for signal in signals],
        "key": [
            FEATURES[key] if signal == Signal.FEATURE_USE else ""
            for signal, key in zip(signals, (code & 31).tolist(), strict=True)
        ],
        "n": [str(value) for value in n.tolist()],
        "last_at": moments(last),
    }


def sighting_columns(
    ids: Sequence[int],
    companies: Sequence[Company],
    usage: Simulation,
    customer: Ints,
    second: Ints,
    types: Sequence[str],
) -> Columns:
    """`last_seen`: days of users, endpoints and features, times of event types."""
    type_numbers: dict[str, int] = {name: number for number, name in enumerate(EVENT_TYPES)}
    type_number = np.array([type_numbers[name] for name in types], dtype=np.int64)
    logins, calls, uses = usage.logins, usage.api_calls, usage.feature_uses
    parts = (
        (logins.customer, SeenKind.USER, logins.user, _midnight(logins.second)),
        (uses.customer, SeenKind.USER, uses.user, _midnight(uses.second)),
        (calls.customer, SeenKind.ENDPOINT, calls.subject, _midnight(calls.second)),
        (customer, SeenKind.EVENT_TYPE, type_number, second),
        (uses.customer, SeenKind.FEATURE, uses.subject, _midnight(uses.second)),
    )
    code, starts, order = groups(
        np.concatenate([((who << 3) + int(kind) << 8) + what for who, kind, what, _ in parts])
    )
    seconds = np.concatenate([when for *_, when in parts])[order]
    first = np.minimum.reduceat(seconds, starts) if starts.size else code
    last = np.maximum.reduceat(seconds, starts) if starts.size else code
    numbers = (code >> 11).tolist()
    kinds = (code >> 8 & 7).tolist()
    return {
        "customer_id": [str(ids[number]) for number in numbers],
        "kind": [str(kind) for kind in kinds],
        "name": [
            companies[number].users[what] if kind == SeenKind.USER else _NAMES[kind][what]
            for number, kind, what in zip(numbers, kinds, (code & 255).tolist(), strict=True)
        ],
        "first_at": moments(first),
        "last_at": moments(last),
        "on_time_at": [
            moment if kind == SeenKind.EVENT_TYPE else NULL
            for kind, moment in zip(kinds, moments(first), strict=True)
        ],
    }


def _midnight(second: Ints) -> Ints:
    return second - second % 86_400
