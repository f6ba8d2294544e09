"""Published scoring models: read, and add; a stored version never changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

_COLUMNS = "name, version, definition::text AS definition, active"


@dataclass(frozen=True)
class StoredModel:
    """A published version; `definition` is its JSON text."""

    name: str
    version: int
    definition: str
    active: bool


def active(session: Session) -> StoredModel | None:
    """The version that scores are made with; None before anything is published."""
    statement = text(f"SELECT {_COLUMNS} FROM scoring_model WHERE active")  # noqa: S608
    return _stored(session.connection().execute(statement).one_or_none())


def newest(session: Session, *, name: str) -> StoredModel | None:
    """The newest version of a model; None for a name never published."""
    statement = text(
        f"SELECT {_COLUMNS} FROM scoring_model"  # noqa: S608
        " WHERE name = :name ORDER BY version DESC LIMIT 1"
    )
    return _stored(session.connection().execute(statement, {"name": name}).one_or_none())


def publish(
    session: Session, *, name: str, version: int, definition: Mapping[str, Any], now: datetime
) -> None:
    """Add a version, not active yet."""
    session.connection().execute(
        text(
            "INSERT INTO scoring_model (name, version, definition, active, published_at)"
            " VALUES (:name, :version, CAST(:definition AS jsonb), false, :now)"
        ),
        {"name": name, "version": version, "definition": json.dumps(definition), "now": now},
    )


def activate(session: Session, *, name: str, version: int) -> None:
    """Make this version the one that scores are made with."""
    connection = session.connection()
    connection.execute(text("UPDATE scoring_model SET active = false WHERE active"))
    connection.execute(
        text("UPDATE scoring_model SET active = true WHERE name = :name AND version = :version"),
        {"name": name, "version": version},
    )


def _stored(row: Row[Any] | None) -> StoredModel | None:
    return None if row is None else StoredModel(**row._mapping)
