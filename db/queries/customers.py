"""A customer's own row, its copies in `customer_health`, and its erasure.

Whatever changes here changes the portfolio's totals in the same transaction.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, text, update
from sqlmodel import Session

from db.queries import totals
from db.queries.list_sources import ITEM
from db.tables import CustomerHealth

_tables = CustomerHealth.metadata.tables
customer = _tables["customer"]
health = _tables["customer_health"]
waiting = _tables["rescore_queue"]
_OWNERS = text("""
SELECT owner FROM customer WHERE owner IS NOT NULL GROUP BY owner
ORDER BY lower(owner) COLLATE "C", owner
""")
_ITEM = text(f"SELECT {ITEM} FROM customer_health h WHERE h.customer_id = :id")  # noqa: S608


def insert_customer(session: Session, *, values: Mapping[str, Any], now: datetime) -> int:
    """Store a customer with its `no_data` score; the new id."""
    connection = session.connection()
    statement = insert(customer).values(**values).returning(customer.c.id)
    customer_id: int = connection.execute(statement).scalar_one()
    connection.execute(
        insert(health).values(
            customer_id=customer_id,
            status="no_data",
            coverage=0.0,
            factor_scores={},
            calculated_at=now,
            **values,
        )
    )
    totals.put_in(session, customer_ids=[customer_id], now=now)
    return customer_id


def update_customer(
    session: Session, *, customer_id: int, values: Mapping[str, Any], now: datetime
) -> None:
    """Change columns of a locked customer and their copies."""
    connection = session.connection()
    connection.execute(update(customer).where(customer.c.id == customer_id).values(**values))
    ids, every_day = [customer_id], [date.min]
    totals.take_out(session, customer_ids=ids)
    if "churned_at" in values:
        totals.take_out_days(session, customer_ids=ids, first_days=every_day)
    connection.execute(update(health).where(health.c.customer_id == customer_id).values(**values))
    totals.put_in(session, customer_ids=ids, now=now)
    if "churned_at" in values:
        totals.put_in_days(session, customer_ids=ids, first_days=every_day)


def lock(session: Session, *, customer_id: int) -> dict[str, Any] | None:
    """The customer's row, locked against ingestion, scoring and erasure; None if there is none."""
    statement = select(customer).where(customer.c.id == customer_id).with_for_update()
    row = session.connection().execute(statement).mappings().one_or_none()
    return None if row is None else dict(row)


def exists(session: Session, *, customer_id: int) -> bool:
    """Whether there is such a customer."""
    statement = select(customer.c.id).where(customer.c.id == customer_id)
    return session.connection().execute(statement).first() is not None


def item(session: Session, *, customer_id: int) -> RowMapping | None:
    """The customer as lists show it."""
    return session.connection().execute(_ITEM, {"id": customer_id}).mappings().one_or_none()


def owners(session: Session) -> list[str]:
    """Every owner that a customer has, in order."""
    return list(session.connection().execute(_OWNERS).scalars())


def erase(session: Session, *, customer_id: int) -> bool:
    """Delete the customer and every row that names it; whether there was one.

    The customer's own row goes first: whoever holds or waits for its lock
    (ingestion, scoring) has either finished or will find nothing. Entries that the
    scorer holds go with its own transaction: waiting for them would be a deadlock.
    """
    connection = session.connection()
    gone = connection.execute(delete(customer).where(customer.c.id == customer_id)).rowcount
    if not gone:
        return False
    totals.take_out(session, customer_ids=[customer_id])
    totals.take_out_days(session, customer_ids=[customer_id], first_days=[date.min])
    free = select(waiting.c.id).where(waiting.c.customer_id == customer_id)
    free = free.with_for_update(skip_locked=True)
    connection.execute(delete(waiting).where(waiting.c.id.in_(free)))
    for table in _tables.values():
        if "customer_id" in table.c and table is not waiting:
            connection.execute(delete(table).where(table.c.customer_id == customer_id))
    return True
