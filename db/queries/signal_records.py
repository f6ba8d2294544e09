"""Signals from `invoice`, `support_ticket` and `last_seen`."""

from collections.abc import Sequence

from db.queries.signal_parts import Binds, Part, SignalSpec, on_pairs, reach, selected, within
from db.queries.signal_tables import invoices, tickets
from db.tables import SeenKind

_OVERDUE = {
    "overdue_invoices": "count(*) FILTER (WHERE {rows})",
    "oldest_overdue_days": "max(late) FILTER (WHERE {rows})",
    "oldest_overdue_invoice": (
        '(array_agg(invoice_id ORDER BY due_date, invoice_id COLLATE "C") FILTER (WHERE {rows}))[1]'
    ),
    "outstanding": "json_agg(json_build_array(currency, amount::text)) FILTER (WHERE {rows})",
}
_INVOICES = """
SELECT customer_id, as_of, {columns} FROM (
    SELECT p.customer_id, p.as_of, v.invoice_id, v.due_date, v.amount, v.currency,
           GREATEST(0, LEAST(v.paid_date, p.as_of) - v.due_date) AS late,
           v.paid_date IS NULL OR v.paid_date > p.as_of AS unpaid
    FROM {pairs}
    JOIN {invoices} AS v
        ON v.customer_id = p.customer_id AND v.due_date > p.as_of - {reach}
            AND v.due_date <= p.as_of
    WHERE {mine} AND (v.paid_date <= p.as_of OR v.due_date < p.as_of)
) AS countable
GROUP BY customer_id, as_of
"""

_TICKETS_OF = {
    **{
        f"tickets_{priority}": f"count(*) FILTER (WHERE {{rows}} AND priority = '{priority}')"
        for priority in ("low", "medium", "high", "urgent")
    },
    "tickets_open": "count(*) FILTER (WHERE {rows} AND is_open)",
    "tickets_urgent_open": "count(*) FILTER (WHERE {rows} AND is_open AND priority = 'urgent')",
    "oldest_open_days": "max(as_of - opened) FILTER (WHERE {rows} AND is_open)",
    "resolution_hours_median": (
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) FILTER (WHERE {rows} AND NOT is_open)"
    ),
    "satisfaction_mean": "avg(satisfaction) FILTER (WHERE {rows} AND NOT later)::float8",
}
_TICKETS = """
SELECT customer_id, as_of, {columns} FROM (
    SELECT p.customer_id, p.as_of, t.priority, t.satisfaction, t.opened,
           t.resolved IS NULL OR t.resolved > p.as_of AS is_open,
           COALESCE(t.resolved > p.as_of, false) AS later,
           (extract(epoch FROM t.resolved_at - t.opened_at) / 3600)::float8 AS hours
    FROM {pairs}
    JOIN (
        SELECT *, (opened_at AT TIME ZONE 'UTC')::date AS opened,
               (resolved_at AT TIME ZONE 'UTC')::date AS resolved
        FROM {tickets} AS t WHERE {mine}
    ) t ON t.customer_id = p.customer_id AND t.opened > p.as_of - {reach} AND t.opened <= p.as_of
) AS opened_in_window
GROUP BY customer_id, as_of
"""

_SEEN_OF = {"distinct_users": SeenKind.USER, "distinct_endpoints": SeenKind.ENDPOINT}
# An event dated ahead must not hide that its user was there before: it counts as today's.
_SEEN = f"""
SELECT customer_id, as_of, {{columns}} FROM (
    SELECT p.customer_id, p.as_of, s.kind, (s.first_at AT TIME ZONE 'UTC')::date AS first_day,
           LEAST((s.last_at AT TIME ZONE 'UTC')::date, p.as_of) AS last_day
    FROM {{pairs}}
    JOIN last_seen s ON s.customer_id = p.customer_id
        AND s.kind IN ({int(SeenKind.USER)}, {int(SeenKind.ENDPOINT)})
    WHERE {{mine}} AND p.as_of >= :today
) AS seen
WHERE first_day <= as_of AND last_day > as_of - {{reach}}
GROUP BY customer_id, as_of
"""  # noqa: S608


def _invoices(signals: Sequence[SignalSpec], bind: Binds, pairs: str) -> str:
    longest = reach(signals)
    columns = []
    for signal in signals:
        rows = within("due_date", signal, longest, bind)
        if signal.name == "invoices_due":
            columns.append(f"count(*) FILTER (WHERE {rows})")
        elif signal.name == "late_days":
            days = f"LEAST(late, {bind(signal.cap)})" if signal.cap else "late"
            columns.append(f"sum({days}) FILTER (WHERE {rows})")
        else:
            columns.append(_OVERDUE[signal.name].format(rows=f"{rows} AND unpaid"))
    return _INVOICES.format(
        columns=selected(columns),
        pairs=pairs,
        invoices=invoices(bind),
        mine=bind.mine("v."),
        reach=bind(longest),
    )


def _tickets(signals: Sequence[SignalSpec], bind: Binds, pairs: str) -> str:
    longest = reach(signals)
    columns = [
        _TICKETS_OF[signal.name].format(rows=within("opened", signal, longest, bind))
        for signal in signals
    ]
    return _TICKETS.format(
        columns=selected(columns),
        pairs=pairs,
        tickets=tickets(bind),
        mine=bind.mine(),
        reach=bind(longest),
    )


def _seen(signals: Sequence[SignalSpec], bind: Binds, pairs: str) -> str:
    longest = reach(signals)
    columns = [
        f"count(*) FILTER (WHERE kind = {int(_SEEN_OF[signal.name])}"
        f" AND {within('last_day', signal, longest, bind)})"
        for signal in signals
    ]
    return _SEEN.format(
        columns=selected(columns), pairs=pairs, mine=bind.mine("s."), reach=bind(longest)
    )


INVOICES = Part(
    "invoices",
    {
        **dict.fromkeys(
            ("invoices_due", "late_days", "overdue_invoices", "oldest_overdue_days"), "0"
        ),
        "oldest_overdue_invoice": "NULL",
        "outstanding": "'[]'",
    },
    *on_pairs(_invoices),
)
TICKETS = Part(
    "tickets",
    {
        **dict.fromkeys(_TICKETS_OF, "0"),
        "oldest_open_days": "-1",
        "resolution_hours_median": "NULL",
        "satisfaction_mean": "NULL",
    },
    *on_pairs(_tickets),
)
_UNKNOWN_BEFORE_TODAY = "CASE WHEN p.as_of >= :today THEN 0 ELSE -1 END"
SEEN = Part("seen", dict.fromkeys(_SEEN_OF, _UNKNOWN_BEFORE_TODAY), *on_pairs(_seen))
