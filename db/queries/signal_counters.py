"""Signals from `daily_activity`, in one scan: a row a key first, then a row a pair.

Distinct features are counted as the rows of the first level, many times cheaper than
`count(DISTINCT …)`.
"""

from collections.abc import Sequence

from db.queries.signal_parts import PAIRS, Binds, Part, SignalSpec, reach, selected, within
from db.tables import Signal

_SUMS = {
    "logins": Signal.LOGIN,
    "api_calls": Signal.API_CALL,
    "api_errors": Signal.API_ERROR,
    "session_seconds": Signal.SESSION_SECONDS,
}
_NEWEST = {"days_since_login": Signal.LOGIN, "days_since_api_call": Signal.API_CALL}
_FEATURES = ("features_used", "feature_names")
_ABSENT = {
    **dict.fromkeys(_SUMS, "0"),
    **dict.fromkeys(_NEWEST, "-1"),
    "active_days": "0",
    "features_used": "0",
    "feature_names": "'{}'",
}
_SELECT = """
SELECT i, {columns} FROM (
    SELECT p.i, p.as_of, a.signal, a.key{totals}
    FROM {pairs}
    JOIN daily_activity a
        ON a.customer_id = p.customer_id AND a.day > p.as_of - {reach} AND a.day <= p.as_of
    WHERE a.day > CAST(:first_day AS date) - {reach} AND a.day <= :last_day
        AND a.signal IN ({counted})
    GROUP BY p.i, p.as_of, a.signal, a.key
) AS keyed
GROUP BY i
"""


class _Totals:
    """The first level's columns: for each window what was counted, asked for once."""

    def __init__(self, longest: int, bind: Binds) -> None:
        self._longest, self._bind = longest, bind
        self._names: dict[tuple[str, int, int], str] = {}
        self.sql = ""

    def __call__(self, aggregate: str, signal: SignalSpec) -> str:
        key = (aggregate, signal.window, signal.offset)
        if key not in self._names:
            self._names[key] = name = f"t{len(self._names)}"
            condition = within("a.day", signal, self._longest, self._bind)
            self.sql += f", {aggregate} FILTER (WHERE {condition}) AS {name}"
        return self._names[key]


def _build(signals: Sequence[SignalSpec], bind: Binds) -> str:
    totals = _Totals(reach(signals), bind)
    columns = [_column(signal, totals, bind) for signal in signals]
    return _SELECT.format(
        columns=selected(columns),
        totals=totals.sql,
        pairs=PAIRS,
        reach=bind(reach(signals)),
        counted=", ".join(sorted({str(int(_counted(signal.name))) for signal in signals})),
    )


def _counted(name: str) -> Signal:
    if name in _FEATURES:
        return Signal.FEATURE_USE
    return _SUMS.get(name) or _NEWEST.get(name, Signal.LOGIN)


def _column(signal: SignalSpec, totals: _Totals, bind: Binds) -> str:
    name, of_signal = signal.name, f"signal = {int(_counted(signal.name))}"
    if name in _SUMS:
        return f"sum({totals('sum(a.n)', signal)}) FILTER (WHERE {of_signal})::bigint"
    if name == "active_days":
        return f"sum({totals('count(*)', signal)}) FILTER (WHERE {of_signal})::bigint"
    if name in _NEWEST:
        return f"max(as_of) - max({totals('max(a.day)', signal)}) FILTER (WHERE {of_signal})"
    used = f"{of_signal} AND {totals('sum(a.n)', signal)} IS NOT NULL"
    if signal.keys:
        used += f" AND key = ANY({bind(list(signal.keys))})"
    if name == "features_used":
        return f"count(*) FILTER (WHERE {used})"
    return f'array_agg(key ORDER BY key COLLATE "C") FILTER (WHERE {used})'


COUNTERS = Part("counters", _ABSENT, _build)
