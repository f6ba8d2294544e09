"""Published scoring models: read, add, activate; a stored version never changes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlmodel import Session

from db.queries.columns import array

_COLUMNS = "name, version, definition::text AS definition, active"
_PUBLISH = text("""
    INSERT INTO scoring_model (name, version, definition, active, published_at, author, reason)
    VALUES (:name, :version, CAST(:definition AS jsonb), false, :now, :author, :reason)
""")
# Never before the one before it, whatever the clocks of two servers say.
_REMEMBER = text("""
    INSERT INTO model_activation (at, name, version, actor, reason)
    SELECT GREATEST(CAST(:now AS timestamptz), max(at)), :name, :version, :actor, :reason
    FROM model_activation
""")

_ACTIVATIONS = text("""
    SELECT a.at, a.name, a.version, m.definition::text
    FROM model_activation a JOIN scoring_model m USING (name, version) ORDER BY a.at, a.id
""")


@dataclass(frozen=True)
class StoredModel:
    """A published version; `definition` is its JSON text."""

    name: str
    version: int
    definition: str
    active: bool


class Activation(NamedTuple):
    """Which version became the active one, and when; `definition` is its JSON text."""

    at: datetime
    name: str
    version: int
    definition: str


def active(session: Session) -> StoredModel | None:
    """The version that scores are made with; None before anything is published."""
    statement = text(f"SELECT {_COLUMNS} FROM scoring_model WHERE active")  # noqa: S608
    return _stored(session.connection().execute(statement).one_or_none())


def newest(
    session: Session, *, name: str, reasons: Sequence[str] | None = None
) -> StoredModel | None:
    """The newest version of a model; None for a name never published.

    Args:
        reasons: only of versions that were published for one of these.
    """
    statement = text(
        f"SELECT {_COLUMNS} FROM scoring_model"  # noqa: S608
        " WHERE name = :name AND (:reasons IS NULL OR reason = ANY(CAST(:reasons AS text[])))"
        " ORDER BY version DESC LIMIT 1"
    )
    values = {"name": name, "reasons": None if reasons is None else array(reasons)}
    return _stored(session.connection().execute(statement, values).one_or_none())


def find(session: Session, *, name: str, version: int) -> StoredModel | None:
    """A published version; None where there is none."""
    statement = text(
        f"SELECT {_COLUMNS} FROM scoring_model"  # noqa: S608
        " WHERE name = :name AND version = :version"
    )
    values = {"name": name, "version": version}
    return _stored(session.connection().execute(statement, values).one_or_none())


def publish(
    session: Session,
    *,
    name: str,
    version: int,
    definition: Mapping[str, Any],
    author: str,
    reason: str,
    now: datetime,
) -> None:
    """Add a version, not active yet."""
    values = {"name": name, "version": version, "definition": json.dumps(definition)}
    values |= {"author": author, "reason": reason, "now": now}
    session.connection().execute(_PUBLISH, values)


def activate(
    session: Session, *, name: str, version: int, actor: str, reason: str, now: datetime
) -> None:
    """Make this version the one that scores are made with, and remember since when."""
    connection = session.connection()
    values = {"name": name, "version": version}
    connection.execute(text("UPDATE scoring_model SET active = false WHERE active"))
    connection.execute(
        text("UPDATE scoring_model SET active = true WHERE name = :name AND version = :version"),
        values,
    )
    connection.execute(_REMEMBER, values | {"actor": actor, "reason": reason, "now": now})


def activations(session: Session) -> list[Activation]:
    """Every activation, oldest first; the last one made the active version."""
    rows = session.connection().execute(_ACTIVATIONS)
    return [Activation(*row) for row in rows]


def _stored(row: Row[Any] | None) -> StoredModel | None:
    return None if row is None else StoredModel(**row._mapping)
