"""What the live strip shows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session


def received(session: Session, *, since: datetime) -> Row[Any]:
    """How many events came in since then, and when the last one of all did."""
    statement = text(
        "SELECT count(*) AS events, (SELECT max(received_at) FROM event) AS last_at"
        " FROM event WHERE received_at >= :since"
    )
    return session.connection().execute(statement, {"since": since}).one()


def waiting(session: Session) -> int:
    """Rescore entries that the scorer has not taken yet."""
    count: int = (
        session.connection().execute(text("SELECT count(*) FROM rescore_queue")).scalar_one()
    )
    return count
