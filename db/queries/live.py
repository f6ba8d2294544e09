"""What the live strip shows: counted no further than told, whatever came in today."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session


def received(session: Session, *, since: datetime, most: int) -> Row[Any]:
    """How many events came in since then, up to `most`, and when the last one of all did."""
    statement = text(
        "SELECT count(*) AS events, (SELECT max(received_at) FROM event) AS last_at FROM"
        " (SELECT FROM event WHERE received_at >= :since ORDER BY received_at DESC LIMIT :most)"
        " AS newest"
    )
    return session.connection().execute(statement, {"since": since, "most": most}).one()


def waiting(session: Session, *, most: int) -> int:
    """Rescore entries that the scorer has not taken yet, up to `most`."""
    statement = text("SELECT count(*) FROM (SELECT FROM rescore_queue LIMIT :most) AS entries")
    count: int = session.connection().execute(statement, {"most": most}).scalar_one()
    return count
