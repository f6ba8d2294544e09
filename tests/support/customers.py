"""Customers to hang events on."""

from datetime import UTC, datetime
from itertools import count

from sqlmodel import Session

from db.queries import customers

CREATED_AT = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count(1)


def add_customers(session: Session, how_many: int) -> list[int]:
    """Store and commit this many customers; their ids."""
    ids = []
    for _ in range(how_many):
        number = next(_numbers)
        values = {
            "name": f"Customer {number}",
            "email": f"customer{number}@example.com",
            "segment": "smb",
            "created_at": CREATED_AT,
        }
        ids.append(customers.insert_customer(session, values=values, now=CREATED_AT))
    session.commit()
    return ids
