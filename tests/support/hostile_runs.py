"""How many requests a run tries, from which seed, and what it must leave untouched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

REQUESTS = int(os.environ.get("HOSTILE_REQUESTS", "0"))
"""At least so many together; 0 for a quick run."""
SEED = int(os.environ.get("HOSTILE_SEED", "0"))
# The scorer writes the others, whenever it likes.
_STORED = (
    "customer", "event", "daily_activity", "last_seen", "connected_source", "support_ticket",
    "invoice", "idempotency_key", "api_key", "audit_log",
)  # fmt: skip
# Every insert, change and removal of a row changes one of its table's two numbers.
_STATE = " UNION ALL ".join(
    f"SELECT count(*), coalesce(sum(xmin::text::bigint), 0) FROM {table}" for table in _STORED
)


class Stored:
    """What is stored, told apart from what was stored before."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known = self._read()

    def changed(self) -> bool:
        """Whether any row came, went or changed since the last question."""
        before, self._known = self._known, self._read()
        return before != self._known

    def _read(self) -> list[tuple[int, int]]:
        return [(rows, state) for rows, state in self._connection.execute(text(_STATE))]


@contextmanager
def watched(engine: Engine) -> Iterator[Stored]:
    """What is stored in the engine's database."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield Stored(connection)
