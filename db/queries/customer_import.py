"""Customers as an import finds them."""

from collections.abc import Sequence

from sqlalchemy import TextClause, text
from sqlmodel import Session

from db.queries.columns import array

_BY_EXTERNAL_ID = text("""
    SELECT external_id, id FROM customer WHERE external_id = ANY(CAST(:values AS text[]))
""")
# lower() must be the database's own: its idea of a capital letter may differ from Python's.
_BY_EMAIL = text("""
    SELECT wanted.email, customer.id
    FROM unnest(CAST(:values AS text[])) AS wanted(email)
    JOIN customer ON lower(customer.email) = lower(wanted.email)
""")


def by_external_id(session: Session, *, values: Sequence[str]) -> dict[str, int]:
    """The ids of the customers that have these external ids."""
    return _ids(session, _BY_EXTERNAL_ID, values)


def by_email(session: Session, *, values: Sequence[str]) -> dict[str, int]:
    """The ids of the customers that have these email addresses, whatever their case."""
    return _ids(session, _BY_EMAIL, values)


def _ids(session: Session, statement: TextClause, values: Sequence[str]) -> dict[str, int]:
    usable = [value for value in values if "\0" not in value]
    if not usable:
        return {}
    rows = session.connection().execute(statement, {"values": array(usable)})
    return {row[0]: row[1] for row in rows}
