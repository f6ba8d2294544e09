"""Signals of any number of (customer, as of) pairs, in one statement: one moment, one answer.

Nothing is looked up customer by customer, and the raw `event` table is never read: the
cost of a score does not grow with the events behind a day.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import array
from db.queries.signal_counters import COUNTERS
from db.queries.signal_parts import PAIRS, Binds, SignalSpec
from db.queries.signal_records import INVOICES, SEEN, TICKETS
from db.tables import SeenKind, Signal

PARTS = (COUNTERS, INVOICES, TICKETS, SEEN)
SOURCES = ("login", "api_call", "feature_use", "support_ticket")

_CONNECTED = ", ".join(
    f"COALESCE({source}.first_day <= p.as_of, false) AS connected_{source}" for source in SOURCES
)
_SOURCES = "\n".join(
    f"LEFT JOIN connected_source AS {source} ON {source}.signal = '{source}'" for source in SOURCES
)
_ROWS = f"""
SELECT p.customer_id, p.as_of, c.segment,
       p.as_of - LEAST((c.created_at AT TIME ZONE 'UTC')::date, activity.first_day) AS age_days,
       {_CONNECTED}{{columns}}
FROM {PAIRS}
JOIN customer c ON c.id = p.customer_id
{_SOURCES}
LEFT JOIN (
    SELECT customer_id, (min(first_at) AT TIME ZONE 'UTC')::date AS first_day
    FROM last_seen
    WHERE kind = {int(SeenKind.EVENT_TYPE)} AND customer_id = ANY(CAST(:distinct_ids AS bigint[]))
    GROUP BY customer_id
) AS activity ON activity.customer_id = p.customer_id
{{parts}}
ORDER BY p.i
"""  # noqa: S608
_POPULAR = text(f"""
SELECT key FROM (
    SELECT customer_id, key FROM daily_activity
    WHERE signal = {int(Signal.FEATURE_USE)} AND day > CAST(:as_of AS date) - :window
        AND day <= :as_of
    GROUP BY customer_id, key
) AS used
GROUP BY key
ORDER BY count(*) DESC, key COLLATE "C"
LIMIT :limit
""")  # noqa: S608


def fetch(
    session: Session,
    *,
    pairs: Sequence[tuple[int, date]],
    signals: Sequence[SignalSpec],
    today: date,
) -> list[Mapping[str, Any]]:
    """One row for each pair whose customer exists, in the order given.

    A row holds customer_id, as_of, scoring's context columns, and each signal under its
    column's name; `outstanding` as a list of [currency, amount as text]. Distinct users
    and endpoints are known from `today` on. Late-committed data simply appears.
    """
    if not pairs:
        return []
    bind = Binds()
    customer_ids, days = zip(*pairs, strict=True)
    columns: dict[str, str] = {}
    joins = []
    for part in PARTS:
        wanted = [signal for signal in signals if signal.name in part.absent]
        for n, signal in enumerate(wanted):
            absent = part.absent[signal.name]
            columns[signal.column] = f"COALESCE({part.alias}.c{n}, {absent})"
        if wanted:
            select = part.build(wanted, bind)
            joins.append(f"LEFT JOIN ({select}) AS {part.alias} ON {part.alias}.i = p.i")
    # Numbered, not named: a column's name is data of a scoring model.
    numbered = "".join(f", {sql} AS s{n}" for n, sql in enumerate(columns.values()))
    statement = text(_ROWS.format(columns=numbered, parts="\n".join(joins)))
    values = bind.values | {
        "customer_ids": array(customer_ids),
        "distinct_ids": array(sorted(set(customer_ids))),
        "days": array(days),
        "first_day": min(days),
        "last_day": max(days),
        "today": today,
    }
    bound = {name: values[name] for name in statement._bindparams}
    rows = session.connection().execute(statement, bound)
    names = [*list(rows.keys())[: -len(columns) or None], *columns]
    return [dict(zip(names, row, strict=True)) for row in rows]


def popular_features(session: Session, *, as_of: date, window: int, limit: int = 1000) -> list[str]:
    """Features used in the window that ends with `as_of`, those with most customers first."""
    values = {"as_of": as_of, "window": window, "limit": limit}
    return list(session.connection().execute(_POPULAR, values).scalars())
