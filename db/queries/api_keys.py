"""API keys: what is known of them; never a key itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

_CHANNEL = "api_key_revoked"
_COLUMNS = "name, prefix, hash, scopes, created_at, expires_at, revoked_at"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A row of `api_key`; `hash` is the SHA-256 of the whole key."""

    name: str
    prefix: str
    hash: bytes = field(repr=False)
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def insert(session: Session, *, key: StoredKey) -> None:
    """Store a new key."""
    session.connection().execute(
        text(
            f"INSERT INTO api_key ({_COLUMNS}) VALUES"  # noqa: S608
            " (:name, :prefix, :hash, :scopes, :created_at, :expires_at, :revoked_at)"
        ),
        {name: getattr(key, name) for name in StoredKey.__slots__} | {"scopes": list(key.scopes)},
    )


def by_prefix(session: Session, *, prefixes: Collection[str]) -> dict[str, StoredKey]:
    """The keys that have these prefixes."""
    statement = text(f"SELECT {_COLUMNS} FROM api_key WHERE prefix = ANY(:prefixes)")  # noqa: S608
    rows = session.connection().execute(statement, {"prefixes": list(prefixes)})
    return {row.prefix: _stored(row) for row in rows}


def everyone(session: Session) -> Sequence[StoredKey]:
    """All keys, the oldest first."""
    statement = text(f"SELECT {_COLUMNS} FROM api_key ORDER BY id")  # noqa: S608
    return [_stored(row) for row in session.connection().execute(statement)]


def revoke(session: Session, *, prefix: str, now: datetime) -> StoredKey | None:
    """End a key now, or leave it ended as of when it was; None where there is none.

    With the commit, who listens hears of it.
    """
    session.connection().execute(text(f"NOTIFY {_CHANNEL}"))
    statement = text(
        "UPDATE api_key SET revoked_at = COALESCE(revoked_at, :now)"  # noqa: S608
        f" WHERE prefix = :prefix RETURNING {_COLUMNS}"
    )
    found = session.connection().execute(statement, {"prefix": prefix, "now": now}).one_or_none()
    return None if found is None else _stored(found)


def listen(session: Session) -> None:
    """Hear of revoked keys on this session's connection, from now on."""
    session.connection().execute(text(f"LISTEN {_CHANNEL}"))


def _stored(row: Row[Any]) -> StoredKey:
    values = dict(row._mapping)
    return StoredKey(**values | {"hash": bytes(row.hash), "scopes": tuple(row.scopes)})
