"""Published versions with who made them and why, and drafts."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

# Held for the few milliseconds of a publication; who reads the models never waits.
_LOCK = text("LOCK TABLE scoring_model IN SHARE ROW EXCLUSIVE MODE")
_VERSIONS = text("""
    SELECT name, version, definition::text AS definition, active, author, reason, published_at
    FROM scoring_model WHERE CAST(:name AS text) IS NULL OR name = :name
    ORDER BY published_at DESC, name, version DESC
""")
_DRAFTS = text("""
    SELECT name, definition, author, updated_at FROM scoring_model_draft ORDER BY name
""")
_SAVE_DRAFT = text("""
    INSERT INTO scoring_model_draft (name, definition, author, updated_at)
    VALUES (:name, CAST(:definition AS jsonb), :author, :now)
    ON CONFLICT (name) DO UPDATE
    SET definition = excluded.definition, author = excluded.author, updated_at = excluded.updated_at
""")
_DELETE_DRAFT = text("DELETE FROM scoring_model_draft WHERE name = :name")


def lock(session: Session) -> None:
    """Until the transaction ends, nobody else publishes or activates."""
    session.connection().execute(_LOCK)


def versions(session: Session, *, name: str | None) -> Sequence[Row[Any]]:
    """Versions of one model, or of all of them, newest first."""
    return session.connection().execute(_VERSIONS, {"name": name}).all()


def drafts(session: Session) -> Sequence[Row[Any]]:
    """Every draft, by name."""
    return session.connection().execute(_DRAFTS).all()


def save_draft(
    session: Session, *, name: str, definition: Mapping[str, Any], author: str, now: datetime
) -> None:
    """Store or replace the draft of this name."""
    values = {"name": name, "definition": json.dumps(definition), "author": author, "now": now}
    session.connection().execute(_SAVE_DRAFT, values)


def delete_draft(session: Session, *, name: str) -> None:
    """Forget the draft of this name."""
    session.connection().execute(_DELETE_DRAFT, {"name": name})
