"""Many customers at once: as an import finds, creates and changes them.

Rows come as sets, whatever their number, and the portfolio's totals change with them.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import TextClause, text
from sqlmodel import Session

from db.queries import totals
from db.queries.columns import array, columns


class CustomerRow(NamedTuple):
    """A row of `customer`, but for its id."""

    external_id: str | None
    name: str
    email: str
    segment: str
    owner: str | None
    arr: Decimal | None
    renewal_date: date | None
    created_at: datetime
    churned_at: datetime | None


_COLUMNS = ", ".join(CustomerRow._fields)
_ROWS = f"""
    unnest(
        CAST(:external_id AS text[]), CAST(:name AS text[]), CAST(:email AS text[]),
        CAST(:segment AS text[]), CAST(:owner AS text[]), CAST(:arr AS numeric[]),
        CAST(:renewal_date AS date[]), CAST(:created_at AS timestamptz[]),
        CAST(:churned_at AS timestamptz[]), CAST(:ids AS bigint[])
    ) AS new({_COLUMNS}, id)
"""

_BY_EXTERNAL_ID = text("""
    SELECT external_id, id FROM customer WHERE external_id = ANY(CAST(:values AS text[]))
""")
# lower() must be the database's own: its idea of a capital letter may differ from Python's.
_BY_EMAIL = text("""
    SELECT wanted.email, customer.id
    FROM unnest(CAST(:values AS text[])) AS wanted(email)
    JOIN customer ON lower(customer.email) = lower(wanted.email)
""")
_LOCK = text(f"""
    SELECT id, {_COLUMNS} FROM customer
    WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE
""")  # noqa: S608
_INSERT = text(f"""
    INSERT INTO customer ({_COLUMNS}) SELECT {_COLUMNS} FROM {_ROWS}
    ON CONFLICT DO NOTHING
    RETURNING id, email
""")  # noqa: S608
_INSERT_HEALTH = text(f"""
    INSERT INTO customer_health
        (customer_id, {_COLUMNS}, status, coverage, factor_scores, calculated_at)
    SELECT id, {_COLUMNS}, 'no_data', 0, CAST('{{}}' AS jsonb), CAST(:now AS timestamptz)
    FROM customer WHERE id = ANY(CAST(:ids AS bigint[]))
""")  # noqa: S608
_CHANGES = ", ".join(f"{name} = new.{name}" for name in CustomerRow._fields)
_UPDATE = text(f"UPDATE customer SET {_CHANGES} FROM {_ROWS} WHERE customer.id = new.id")  # noqa: S608
_UPDATE_HEALTH = text(f"""
    UPDATE customer_health SET {_CHANGES} FROM {_ROWS} WHERE customer_health.customer_id = new.id
""")  # noqa: S608


def lock(session: Session, *, ids: Sequence[int]) -> dict[int, CustomerRow]:
    """These customers as they are stored, locked against any other change until commit."""
    rows = session.connection().execute(_LOCK, {"ids": array(ids)})
    return {row[0]: CustomerRow(*row[1:]) for row in rows}


def insert(session: Session, *, rows: Sequence[CustomerRow], now: datetime) -> dict[str, int]:
    """Store customers with their `no_data` scores; the ids, by email, of those that could be.

    Where the email address or the external id is taken, nothing happens.
    """
    if not rows:
        return {}
    connection = session.connection()
    parameters = {**columns(rows), "ids": "{}"}
    stored = {row.email: row.id for row in connection.execute(_INSERT, parameters)}
    connection.execute(_INSERT_HEALTH, {"ids": array(stored.values()), "now": now})
    totals.put_in(session, customer_ids=stored.values(), now=now)
    return stored


def update(session: Session, *, rows: dict[int, CustomerRow], now: datetime) -> None:
    """Change locked customers and their copies.

    Raises:
        IntegrityError: another customer has one of the email addresses or external ids.
    """
    connection = session.connection()
    ids, every_day = list(rows), [date.min] * len(rows)
    parameters = {**columns(list(rows.values())), "ids": array(ids)}
    connection.execute(_UPDATE, parameters)
    totals.take_out(session, customer_ids=ids)
    totals.take_out_days(session, customer_ids=ids, first_days=every_day)
    connection.execute(_UPDATE_HEALTH, parameters)
    totals.put_in(session, customer_ids=ids, now=now)
    totals.put_in_days(session, customer_ids=ids, first_days=every_day)


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
