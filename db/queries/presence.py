"""Whether there is anything at all."""

from sqlalchemy import text
from sqlmodel import Session


def answers(session: Session) -> bool:
    """True once the database has answered."""
    return bool(session.connection().execute(text("SELECT true")).scalar_one())


def any_customer(session: Session) -> bool:
    """Whether a single customer exists, churned ones included."""
    statement = text("SELECT EXISTS (SELECT FROM customer)")
    return bool(session.connection().execute(statement).scalar_one())
