"""API keys to call with."""

from datetime import timedelta

from sqlalchemy import Engine

from db.session import write
from services import api_keys
from services.clock import utc_now
from tests.support.actors import TESTER


def make_key(engine: Engine, *scopes: str, lasts: timedelta | None = None) -> str:
    """A stored key with these scopes; with `lasts` below nothing one that has expired."""
    now = utc_now()
    made_at = now if lasts is None else min(now, now + lasts - timedelta(days=1))
    return write(
        lambda session: api_keys.create(
            session,
            by=TESTER,
            name="nightly import",
            scopes=scopes,
            expires_at=None if lasts is None else now + lasts,
            now=made_at,
        ),
        engine=engine,
    )


def bearer(key: str) -> dict[str, str]:
    """The header that brings a key or a token."""
    return {"Authorization": f"Bearer {key}"}
