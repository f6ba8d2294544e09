"""Statements that every event needs, parsed and planned once a connection.

For a few events that takes PostgreSQL longer than their rows do.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

_PARAMETER = re.compile(r"(?<!:):(\w+)")


class Prepared:
    """A statement with parameters like `:name`, each in a CAST that says its type."""

    def __init__(self, name: str, statement: str) -> None:
        self._name = name
        names = list(dict.fromkeys(_PARAMETER.findall(statement)))
        numbered = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement)
        self._prepare = f"PREPARE {name} AS {numbered}"
        self._execute = f"EXECUTE {name} ({', '.join(f'%({name})s' for name in names)})"

    def run(self, session: Session, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """The rows that it returns; none where it returns nothing."""
        connection = session.connection()
        known: set[str] = connection.info.setdefault("prepared", set())  # goes with the connection
        if self._name not in known:
            connection.exec_driver_sql(self._prepare)
            known.add(self._name)
        result = connection.exec_driver_sql(self._execute, dict(parameters))
        return result.all() if result.returns_rows else []
