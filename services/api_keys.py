"""API keys: made, listed, revoked, and recognised again.

A key reads `chk_<prefix>_<secret>`. The prefix is what it is called by; the secret is 256 random
bits, so its plain SHA-256 can't be turned round by trying.
"""

import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

from sqlmodel import Session

from db.queries import api_keys as queries
from db.queries.api_keys import StoredKey
from services import audit
from services.actor import Actor
from services.errors import InvalidInput, NotFound
from services.principal import SCOPES, InvalidCredential, Principal, known_scopes

START = "chk_"
MAX_NAME = 255
State = Literal["active", "expired", "revoked"]
_KEY = re.compile(r"chk_([0-9a-f]{12})_[A-Za-z0-9_-]{43}", re.ASCII)
_NAMED = re.compile(r"(?:chk_)?([0-9a-f]{12})(?:_.*)?", re.ASCII)


class UnknownKey(NotFound):
    """No key has this prefix."""

    code = "unknown-key"

    def __init__(self) -> None:
        super().__init__("There is no API key with this prefix.")


@dataclass(frozen=True, slots=True)
class PresentedKey:
    """A key as a caller sent it, of which nothing but its hash is kept."""

    prefix: str
    hash: bytes = field(repr=False)


def create(
    session: Session,
    *,
    by: Actor,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    now: datetime,
) -> str:
    """A new key, which nobody can show again.

    Raises:
        InvalidInput: a name, a scope or a time that can't be used.
    """
    if not 1 <= len(name.strip()) <= MAX_NAME or not name.isprintable():
        raise InvalidInput("name", f"A key needs a name of 1–{MAX_NAME} printable characters.")
    if not scopes or len(known_scopes(scopes)) < len(set(scopes)):
        raise InvalidInput("scopes", f"A key's scopes are of {', '.join(SCOPES)}.")
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("expires_at", "A key can't expire before it is made.")
    prefix = secrets.token_hex(6)
    key = f"{START}{prefix}_{secrets.token_urlsafe(32)}"
    stored = StoredKey(
        name=name.strip(),
        prefix=prefix,
        hash=_hash(key),
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
    )
    queries.insert(session, key=stored)
    audit.record(session, by=by, action="api-key.created", subject=f"api-key:{prefix}")
    return key


def listed(session: Session) -> Sequence[StoredKey]:
    """All keys there ever were, the oldest first."""
    return queries.everyone(session)


def state(key: StoredKey, *, now: datetime) -> State:
    """Whether a key lets anybody in, and if not, why."""
    if key.revoked_at is not None:
        return "revoked"
    ended = key.expires_at is not None and key.expires_at <= now
    return "expired" if ended else "active"


def revoke(session: Session, *, by: Actor, prefix: str, now: datetime) -> StoredKey:
    """End a key; `prefix` may be its prefix or, of a key that leaked, all of it.

    Raises:
        UnknownKey: there is none.
    """
    named = _NAMED.fullmatch(prefix)
    stored = queries.revoke(session, prefix=named[1], now=now) if named else None
    if stored is None:
        raise UnknownKey
    if stored.revoked_at == now:  # and not before
        about = f"api-key:{stored.prefix}"
        audit.record(session, by=by, action="api-key.revoked", subject=about)
    return stored


def presented(key: str) -> PresentedKey | None:
    """What is needed to look a key up; None for what can't be one."""
    found = _KEY.fullmatch(key)
    return None if found is None else PresentedKey(found[1], _hash(key))


def find(session: Session, *, prefixes: Collection[str]) -> dict[str, StoredKey]:
    """What is stored under these prefixes, as of this moment."""
    return queries.by_prefix(session, prefixes=prefixes)


def listen(session: Session) -> None:
    """Hear of every key that is revoked from now on, on the session's connection."""
    queries.listen(session)


def authenticate(key: PresentedKey, stored: StoredKey | None, *, now: datetime) -> Principal:
    """Whose key it is.

    Raises:
        InvalidCredential: nobody's, or no longer anybody's.
    """
    if stored is None or not hmac.compare_digest(key.hash, stored.hash):
        raise InvalidCredential("The API key is not valid.")
    if stored.revoked_at is not None:
        raise InvalidCredential("The API key was revoked.")
    if stored.expires_at is not None and stored.expires_at <= now:
        raise InvalidCredential("The API key has expired.")
    return Principal(f"{stored.name} ({START}{stored.prefix})", known_scopes(stored.scopes))


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()
