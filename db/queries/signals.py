"""Signals of many customers in one statement: one moment, one answer.

Nothing is looked up customer by customer, and the raw `event` table is never read: the
cost of a score does not grow with the events behind a day.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries import signal_tables
from db.queries.columns import array
from db.queries.customer_changes import HELD_BY_DAY
from db.queries.signal_features import FEATURES
from db.queries.signal_parts import ON_ONE_DAY, OVER_SPANS, Binds, SignalSpec
from db.queries.signal_records import INVOICES, SEEN, TICKETS
from db.queries.signal_usage import USAGE
from db.tables import Signal

PARTS = (USAGE, FEATURES, INVOICES, TICKETS, SEEN)
SOURCES = ("login", "api_call", "feature_use", "support_ticket")

Columns = Mapping[str, list[Any]]
"""customer_id, as_of, scoring's context columns, and each signal under its column's name."""


class Span(NamedTuple):
    """A customer's days, both ends included."""

    customer_id: int
    first_day: date
    last_day: date


_CONNECTED = """
    COALESCE(
        p.as_of >= (SELECT {{since}} FROM connected_source WHERE signal = '{source}'), false
    ) AS connected_{source}
"""
_ROWS = f"""
SELECT p.customer_id, p.as_of, {{segment}} AS segment,
       p.as_of - LEAST((c.created_at AT TIME ZONE 'UTC')::date, activity.first_day) AS age_days,
       {",".join(_CONNECTED.format(source=source) for source in SOURCES)}{{columns}}
FROM {{pairs}}
JOIN customer c ON c.id = p.customer_id
{{held}}
LEFT JOIN ({{first_days}}) AS activity ON activity.customer_id = p.customer_id
{{parts}}
ORDER BY p.customer_id, p.as_of
"""  # noqa: S608
_HELD = f"""
LEFT JOIN {HELD_BY_DAY}
    ON held.customer_id = p.customer_id AND p.as_of >= held.since AND p.as_of < held.until
"""
_JOIN = "LEFT JOIN ({select}) AS {part} ON {part}.customer_id = p.customer_id"
_POPULAR = f"""
SELECT key FROM (
    SELECT customer_id, key FROM {{activity}} AS counted
    WHERE customer_id = ANY(ARRAY(
            SELECT id FROM customer WHERE churned_at IS NULL ORDER BY id LIMIT :customers
        ))
        AND signal = {int(Signal.FEATURE_USE)} AND day > CAST(:as_of AS date) - :window
        AND day <= :as_of
    GROUP BY customer_id, key HAVING sum(n) > 0
) AS used
GROUP BY key
ORDER BY count(*) DESC, key COLLATE "C"
LIMIT :limit
"""  # noqa: S608


def on_day(
    session: Session,
    *,
    customer_ids: Sequence[int],
    day: date,
    signals: Sequence[SignalSpec],
    today: date,
    known_then: bool = False,
) -> Columns:
    """The signals of those of these customers that exist, as of one day, by id.

    `outstanding` is a list of [currency, amount as text]. Distinct users and endpoints are
    known from `today` on. Late-committed data simply appears.

    Args:
        known_then: leave out what came in after a past `day`.
    """
    spans = [Span(customer_id, day, day) for customer_id in customer_ids]
    known_on = day if known_then and day < today else None
    return _fetch(session, spans, signals, today, one_day=True, known_on=known_on)


def over_spans(
    session: Session, *, spans: Sequence[Span], signals: Sequence[SignalSpec], today: date
) -> Columns:
    """The same as of each day of each customer's span, by id and day; a customer has one span.

    Costs little more than a span's counters once: what `on_day` would read for every day.

    Raises:
        ValueError: `feature_names` are asked for, which only explanations of one day read.
    """
    return _fetch(session, spans, signals, today, one_day=False)


def _fetch(
    session: Session,
    spans: Sequence[Span],
    signals: Sequence[SignalSpec],
    today: date,
    *,
    one_day: bool,
    known_on: date | None = None,
) -> Columns:
    customer_ids, first_days, last_days = zip(*spans, strict=True) if spans else ((), (), ())
    last_day = max(last_days, default=today)
    bind = Binds(customer_ids, known_on)
    columns: dict[str, str] = {}
    joins = []
    for part in PARTS:
        wanted = [signal for signal in signals if signal.name in part.absent]
        for n, signal in enumerate(wanted):
            absent = part.absent[signal.name]
            columns[signal.column] = f"COALESCE({part.alias}.c{n}, {absent})"
        if wanted:
            build = part.on_one_day if one_day else part.over_spans
            if one_day and last_day == today and part.today:
                build = part.today
            select = build(wanted, bind)
            joins.append(_JOIN.format(select=select, part=part.alias))
            if not one_day:
                joins.append(f"AND {part.alias}.as_of = p.as_of")
    # Numbered, not named: a column's name is data of a scoring model.
    numbered = "".join(f", {sql} AS s{n}" for n, sql in enumerate(columns.values()))
    now = one_day and last_day >= today
    statement = text(
        _ROWS.format(
            columns=numbered,
            segment="c.segment" if now else "COALESCE(held.segment, c.segment)",
            pairs=ON_ONE_DAY if one_day else OVER_SPANS,
            held="" if now else _HELD.format(whose=bind.mine()),
            first_days=signal_tables.first_days(bind),
            since=signal_tables.connected_since(bind),
            parts="\n".join(joins),
        )
    )
    values = bind.values | {
        "first_days": array(first_days),
        "last_days": array(last_days),
        "last_day": last_day,
        "today": today,
    }
    result = session.connection().execute(
        statement, {name: values[name] for name in statement._bindparams}
    )
    names = [*list(result.keys())[: -len(columns) or None], *columns]
    found = [list(column) for column in zip(*result, strict=True)] or [[] for _ in names]
    return dict(zip(names, found, strict=True))


def popular_features(
    session: Session,
    *,
    as_of: date,
    window: int,
    customers: int,
    known_then: bool = False,
    limit: int = 1000,
) -> list[str]:
    """Features used in the window that ends with `as_of`, those with most customers first.

    Only this many customers are asked, those known longest that have no end.
    """
    values = {"as_of": as_of, "window": window, "customers": customers, "limit": limit}
    if known_then:
        values["known_on"] = as_of
    statement = text(_POPULAR.format(activity=signal_tables.activity(known=known_then)))
    return list(session.connection().execute(statement, values).scalars())
