"""Where signals find their facts: all that is stored, or what had come in by the end of a day.

What was known is what is stored less what came in late (docs/adr/0022). Each FROM item here,
to be given a name, has the columns of the table that it stands for, as far as signals read them.
"""

from db.queries.signal_parts import Binds
from db.tables import SeenKind

# A sum of both kinds of rows is what was known of a counter: nothing is looked up counter by
# counter, and where nothing came late, it costs what the counters cost.
_ACTIVITY = """(
    SELECT customer_id, day, signal, key, n FROM daily_activity WHERE {mine}
    UNION ALL
    SELECT customer_id, day, signal, key, -n FROM late_activity
    WHERE {mine} AND received_day > :known_on
)"""
_ACTIVE_DAYS = """(
    SELECT customer_id, day, signal, sum(n) AS n FROM {activity} AS counted
    GROUP BY customer_id, day, signal HAVING sum(n) > 0
)"""
_RECORDS = """(
    SELECT customer_id, {key}, {columns} FROM {table} AS stored
    WHERE {mine} AND NOT EXISTS (
        SELECT FROM late_{name} AS late
        WHERE late.customer_id = stored.customer_id AND late.{key} = stored.{key}
            AND received_day > :known_on
    )
    UNION ALL
    SELECT * FROM (
        SELECT DISTINCT ON (customer_id, {key}) customer_id, {key}, {columns}
        FROM late_{name} WHERE {mine} AND received_day > :known_on
        ORDER BY customer_id, {key}, received_day
    ) AS known
)"""
_FIRST_DAYS = f"""
    SELECT customer_id, (min(first_at) AT TIME ZONE 'UTC')::date AS first_day
    FROM last_seen
    WHERE {{mine}} AND kind = {int(SeenKind.EVENT_TYPE)}
    GROUP BY customer_id
"""  # noqa: S608
_KNOWN_FIRST_DAYS = f"""
    SELECT customer_id, min(day) AS first_day
    FROM (
        SELECT customer_id, (on_time_at AT TIME ZONE 'UTC')::date AS day FROM last_seen
        WHERE {{mine}} AND kind = {int(SeenKind.EVENT_TYPE)}
        UNION ALL
        SELECT customer_id, day FROM late_activity WHERE {{mine}} AND received_day <= :known_on
    ) AS known
    WHERE day <= :known_on
    GROUP BY customer_id
"""  # noqa: S608


def activity(*, known: bool, mine: str = "true") -> str:
    """`daily_activity`; what wasn't known of a counter comes as a row with a negative `n`."""
    return _ACTIVITY.format(mine=mine) if known else "daily_activity"


def active_days(bind: Binds) -> str:
    """`daily_activity` without keys, only days of which something was known."""
    counted = activity(known=bind.known, mine=bind.mine())
    return _ACTIVE_DAYS.format(activity=counted) if bind.known else counted


def invoices(bind: Binds) -> str:
    """`invoice`."""
    return _records(bind, "invoice", "invoice", "amount, currency, due_date, paid_date")


def tickets(bind: Binds) -> str:
    """`support_ticket`."""
    columns = "priority, opened_at, resolved_at, satisfaction"
    return _records(bind, "support_ticket", "ticket", columns)


def first_days(bind: Binds) -> str:
    """A SELECT of each customer's first day of activity."""
    return (_KNOWN_FIRST_DAYS if bind.known else _FIRST_DAYS).format(mine=bind.mine())


def connected_since(bind: Binds) -> str:
    """The column of `connected_source` that tells from which day on a source counts."""
    return "known_day" if bind.known else "first_day"


def _records(bind: Binds, table: str, name: str, columns: str) -> str:
    if not bind.known:
        return table
    return _RECORDS.format(
        table=table, name=name, key=f"{name}_id", columns=columns, mine=bind.mine()
    )
