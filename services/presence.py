"""Whether the database answers, and whether there is anything in it."""

from sqlmodel import Session

from db.queries import presence as queries


def answers(session: Session) -> bool:
    """True once the database has answered; raises what keeps it from answering."""
    return queries.answers(session)


def any_customer(session: Session) -> bool:
    """Whether a single customer exists, churned ones included."""
    return queries.any_customer(session)
