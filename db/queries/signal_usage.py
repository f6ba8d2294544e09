"""Signals that add up `daily_activity`, features aside: sums, days, and the newest day."""

from collections.abc import Sequence

from db.queries.signal_parts import (
    DAY,
    OVER_SPANS,
    SPANS,
    Binds,
    Part,
    SignalSpec,
    reach,
    selected,
    within,
)
from db.queries.signal_tables import active_days, activity
from db.tables import Signal

_ADDED = {
    "logins": (Signal.LOGIN, "sum(n) {rows}::bigint"),
    "api_calls": (Signal.API_CALL, "sum(n) {rows}::bigint"),
    "api_errors": (Signal.API_ERROR, "sum(n) {rows}::bigint"),
    "session_seconds": (Signal.SESSION_SECONDS, "sum(n) {rows}::bigint"),
    "active_days": (Signal.LOGIN, "count(*) {rows}"),
    "days_since_login": (Signal.LOGIN, "{as_of} - max(day) {rows}"),
    "days_since_api_call": (Signal.API_CALL, "{as_of} - max(day) {rows}"),
}
"""Signal → which counters it adds up, and how; `{rows}` says which of them are in its window."""
_ABSENT = dict.fromkeys(_ADDED, "0") | dict.fromkeys(
    ("days_since_login", "days_since_api_call"), "-1"
)

_ON_ONE_DAY = f"""
SELECT customer_id, {{columns}}
FROM {{activity}} AS counted
WHERE {{mine}} AND day > {DAY} - {{reach}} AND day <= {DAY} AND signal IN ({{counted}})
GROUP BY customer_id
"""  # noqa: S608
# Windows that move with the day: a counter enters a sum on its day and leaves it later, so a
# day costs as much as its own counters, however long the window. A row without a signal asks.
_OVER_SPANS = f"""
SELECT * FROM (
    SELECT customer_id, day AS as_of, signal, {{columns}} FROM (
        SELECT customer_id, day, signal, n
        FROM daily_activity JOIN {SPANS} USING (customer_id)
        WHERE day > first_day - {{reach}} AND day <= last_day AND signal IN ({{counted}})
        UNION ALL
        SELECT customer_id, as_of, NULL, NULL FROM {OVER_SPANS}
    ) AS counted
) AS rolling
WHERE signal IS NULL
"""  # noqa: S608
_MOVING = (
    "FILTER (WHERE signal = {signal}) OVER (PARTITION BY customer_id ORDER BY day"
    " RANGE BETWEEN {first} PRECEDING AND {last} PRECEDING)"
)


def _on_one_day(signals: Sequence[SignalSpec], bind: Binds) -> str:
    longest = reach(signals)

    def column(signal: SignalSpec) -> str:
        counted, added = _ADDED[signal.name]
        inside = within("day", signal, longest, bind, as_of=DAY)
        return added.format(rows=f"FILTER (WHERE signal = {int(counted)} AND {inside})", as_of=DAY)

    by_day = any("sum" not in _ADDED[signal.name][1] for signal in signals)
    return _ON_ONE_DAY.format(
        columns=selected([column(signal) for signal in signals]),
        activity=active_days(bind) if by_day else activity(known=bind.known, mine=bind.mine()),
        mine=bind.mine(),
        reach=bind(longest),
        counted=_counted(signals),
    )


def _over_spans(signals: Sequence[SignalSpec], bind: Binds) -> str:
    def column(signal: SignalSpec) -> str:
        counted, added = _ADDED[signal.name]
        first = f"make_interval(days => {bind(signal.window + signal.offset - 1)})"
        last = f"make_interval(days => {bind(signal.offset)})"
        rows = _MOVING.format(signal=int(counted), first=first, last=last)
        return added.format(rows=rows, as_of="day")

    return _OVER_SPANS.format(
        columns=selected([column(signal) for signal in signals]),
        reach=bind(reach(signals)),
        counted=_counted(signals),
    )


def _counted(signals: Sequence[SignalSpec]) -> str:
    return ", ".join(sorted({str(int(_ADDED[signal.name][0])) for signal in signals}))


USAGE = Part("usage", _ABSENT, _on_one_day, _over_spans)
