"""Signals of the features used: the keys of `daily_activity`'s `feature_use` counters.

Distinct features are counted as the rows of a first level, many times cheaper than
`count(DISTINCT …)`; over a span of days, as the uses whose window a day lies in.
"""

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
from db.queries.signal_tables import activity
from db.tables import SeenKind, Signal

_TOMORROW = f"(({DAY} + 1)::timestamp AT TIME ZONE 'UTC')"

_ON_ONE_DAY = f"""
SELECT customer_id, {{columns}} FROM (
    SELECT customer_id, key, {{inside}}
    FROM {{activity}} AS counted
    WHERE {{mine}} AND day > {DAY} - {{reach}} AND day <= {DAY}
        AND signal = {int(Signal.FEATURE_USE)}
    GROUP BY customer_id, key
) AS used
GROUP BY customer_id
"""  # noqa: S608
# The last use tells it all, unless that is a day ahead: then the counters tell.
_TODAY = f"""
SELECT customer_id, {{columns}} FROM (
    SELECT customer_id, key, {{inside}} FROM (
        SELECT customer_id, name AS key, (last_at AT TIME ZONE 'UTC')::date AS day
        FROM last_seen
        WHERE {{mine}} AND kind = {int(SeenKind.FEATURE)} AND last_at < {_TOMORROW}
    ) AS last
    WHERE day > {DAY} - {{reach}}
    UNION ALL
    SELECT seen.customer_id, key, {{used}}
    FROM last_seen AS seen
    JOIN daily_activity AS counted
        ON counted.customer_id = seen.customer_id AND key = name
            AND day > {DAY} - {{reach}} AND day <= {DAY} AND signal = {int(Signal.FEATURE_USE)}
    WHERE {{mine_seen}} AND kind = {int(SeenKind.FEATURE)} AND seen.last_at >= {_TOMORROW}
    GROUP BY seen.customer_id, key
) AS used
GROUP BY customer_id
"""  # noqa: S608
# A use counts from its day until its window ends or the next use of the feature takes over.
_OVER_SPANS = f"""
SELECT * FROM (
    SELECT customer_id, day AS as_of, signal, {{columns}} FROM (
        SELECT customer_id, change.day, signal, delta
        FROM (
            SELECT customer_id, day, key,
                   lead(day) OVER (PARTITION BY customer_id, key ORDER BY day) AS next_day
            FROM daily_activity JOIN {SPANS} USING (customer_id)
            WHERE day > first_day - {{reach}} AND day <= last_day
                AND signal = {int(Signal.FEATURE_USE)}
        ) AS used
        CROSS JOIN LATERAL (VALUES {{changes}}) AS change(signal, day, delta)
        UNION ALL
        SELECT customer_id, as_of, NULL, NULL FROM {OVER_SPANS}
    ) AS changes
) AS rolling
WHERE signal IS NULL
"""  # noqa: S608


def _on_one_day(signals: Sequence[SignalSpec], bind: Binds) -> str:
    longest = reach(signals)
    inside = [within("day", signal, longest, bind, as_of=DAY) for signal in signals]
    # What was known of a feature's uses may be less than what is stored, down to none.
    used = "sum(n) FILTER (WHERE {}) > 0" if bind.known else "bool_or({})"
    levels = [f"{used.format(condition)} AS in{n}" for n, condition in enumerate(inside)]
    return _ON_ONE_DAY.format(
        columns=selected([_column(n, signal, bind) for n, signal in enumerate(signals)]),
        inside=", ".join(levels),
        activity=activity(known=bind.known, mine=bind.mine()),
        mine=bind.mine(),
        reach=bind(longest),
    )


def _today(signals: Sequence[SignalSpec], bind: Binds) -> str:
    longest = reach(signals)
    if any(signal.offset for signal in signals):
        return _on_one_day(signals, bind)
    inside = [within("day", signal, longest, bind, as_of=DAY) for signal in signals]
    return _TODAY.format(
        columns=selected([_column(n, signal, bind) for n, signal in enumerate(signals)]),
        inside=", ".join(f"{condition} AS in{n}" for n, condition in enumerate(inside)),
        used=", ".join(f"bool_or({condition}) AS in{n}" for n, condition in enumerate(inside)),
        mine=bind.mine(),
        mine_seen=bind.mine("seen."),
        reach=bind(longest),
    )


def _column(n: int, signal: SignalSpec, bind: Binds) -> str:
    used = f"in{n}"
    if signal.keys:
        used += f" AND key = ANY({bind(list(signal.keys))})"
    if signal.name == "features_used":
        return f"count(*) FILTER (WHERE {used})"
    return f'array_agg(key ORDER BY key COLLATE "C") FILTER (WHERE {used})'


def _over_spans(signals: Sequence[SignalSpec], bind: Binds) -> str:
    """Counts only: names are asked for when a day is explained."""
    changes = []
    for n, signal in enumerate(signals):
        if signal.name != "features_used":
            raise ValueError(f"{signal.name} is known on one day at a time")
        one = f"(key = ANY({bind(list(signal.keys))}))::int" if signal.keys else "1"
        starts = f"day + {bind(signal.offset)}"
        ends = f"LEAST(next_day, day + {bind(signal.window)}) + {bind(signal.offset)}"
        changes += [f"({n}, {starts}, {one})", f"({n}, {ends}, -{one})"]
    columns = [
        f"sum(delta) FILTER (WHERE signal = {n}) OVER (PARTITION BY customer_id ORDER BY day)"
        for n in range(len(signals))
    ]
    return _OVER_SPANS.format(
        columns=selected(columns), changes=", ".join(changes), reach=bind(reach(signals))
    )


FEATURES = Part(
    "features", {"features_used": "0", "feature_names": "'{}'"}, _on_one_day, _over_spans, _today
)
