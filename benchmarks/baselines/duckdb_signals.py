"""DuckDB doing the signals aggregation of the standard model over the same rows: the yardstick."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, text

# The types are PostgreSQL's own; the few texts that repeat are enumerations, DuckDB's fastest way.
TABLES = {
    "customer": ("id BIGINT, left_on DATE", "id, (churned_at AT TIME ZONE 'UTC')::date"),
    "daily_activity": (
        "customer_id BIGINT, day DATE, signal SMALLINT, key key, n BIGINT",
        "customer_id, day, signal, key, n",
    ),
    "invoice": (
        "customer_id BIGINT, due_date DATE, paid_date DATE",
        "customer_id, due_date, paid_date",
    ),
    "support_ticket": (
        "customer_id BIGINT, priority priority, opened DATE",
        "customer_id, priority, (opened_at AT TIME ZONE 'UTC')::date",
    ),
}
TEXTS = {"key": "daily_activity", "priority": "support_ticket"}
SIGNALS = """
WITH pair AS (
    SELECT id AS customer_id, LEAST(left_on, $today) AS as_of FROM customer
),
sums AS (
    SELECT customer_id,
           sum(n) FILTER (signal = 1) AS logins,
           sum(n) FILTER (signal = 2) AS api_calls,
           sum(n) FILTER (signal = 3) AS api_errors
    FROM daily_activity JOIN pair USING (customer_id)
    WHERE day > as_of - 30 AND day <= as_of AND signal IN (1, 2, 3)
    GROUP BY customer_id
),
features AS (
    SELECT customer_id, count(*) AS features_used
    FROM (
        SELECT DISTINCT customer_id, key
        FROM daily_activity JOIN pair USING (customer_id)
        WHERE day > as_of - 90 AND day <= as_of AND signal = 4
    )
    GROUP BY customer_id
),
invoices AS (
    SELECT customer_id, count(*) AS invoices_due,
           sum(LEAST(30, GREATEST(0, LEAST(paid_date, as_of) - due_date))) AS late_days
    FROM invoice JOIN pair USING (customer_id)
    WHERE due_date > as_of - 180 AND due_date <= as_of
        AND (paid_date <= as_of OR due_date < as_of)
    GROUP BY customer_id
),
tickets AS (
    SELECT customer_id,
           count(*) FILTER (priority = 'low') AS tickets_low,
           count(*) FILTER (priority = 'medium') AS tickets_medium,
           count(*) FILTER (priority = 'high') AS tickets_high,
           count(*) FILTER (priority = 'urgent') AS tickets_urgent
    FROM support_ticket JOIN pair USING (customer_id)
    WHERE opened > as_of - 90 AND opened <= as_of
    GROUP BY customer_id
)
SELECT customer_id,
       CAST(COALESCE(logins, 0) AS BIGINT) AS logins_30d,
       CAST(COALESCE(api_calls, 0) AS BIGINT) AS api_calls_30d,
       CAST(COALESCE(api_errors, 0) AS BIGINT) AS api_errors_30d,
       COALESCE(features_used, 0) AS features_used_90d,
       COALESCE(invoices_due, 0) AS invoices_due_180d,
       CAST(COALESCE(late_days, 0) AS BIGINT) AS late_days_180d_cap30,
       COALESCE(tickets_low, 0) AS tickets_low_90d,
       COALESCE(tickets_medium, 0) AS tickets_medium_90d,
       COALESCE(tickets_high, 0) AS tickets_high_90d,
       COALESCE(tickets_urgent, 0) AS tickets_urgent_90d
FROM pair
LEFT JOIN sums USING (customer_id)
LEFT JOIN features USING (customer_id)
LEFT JOIN invoices USING (customer_id)
LEFT JOIN tickets USING (customer_id)
ORDER BY customer_id
"""

Columns = dict[str, NDArray[np.int64]]


class Yardstick:
    """The tables that signals come from, in a DuckDB in memory."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._database = duckdb.connect()
        with engine.connect() as connection:
            for column, table in TEXTS.items():
                query = text(f"SELECT DISTINCT {column} FROM {table} ORDER BY 1")  # noqa: S608
                values = ", ".join(f"'{value}'" for value in connection.execute(query).scalars())
                self._database.execute(f"CREATE TYPE {column} AS ENUM ({values})")
            for table in TABLES:
                self._copy(connection, table, folder / f"{table}.csv")

    def signals(self, today: date) -> Columns:
        """Each customer's signals as of `today` or the day it left, ordered by customer."""
        found = self._database.execute(SIGNALS, {"today": today}).fetchnumpy()
        return {name: np.asarray(values) for name, values in found.items()}

    def close(self) -> None:
        """Give the memory back."""
        self._database.close()

    def _copy(self, connection: Connection, table: str, file: Path) -> None:
        types, columns = TABLES[table]
        query = f"COPY (SELECT {columns} FROM {table}) TO STDOUT (FORMAT csv)"  # noqa: S608
        with file.open("wb") as target:
            connection.connection.cursor().copy_expert(query, target)
        self._database.execute(f"CREATE TABLE {table} ({types})")
        self._database.execute(f"COPY {table} FROM '{file}' (FORMAT csv)")
        file.unlink()
