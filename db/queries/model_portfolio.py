"""Whom another scoring model would judge: everybody who hasn't left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

_LIVING = text("""
    SELECT id AS customer_id, name AS customer_name, arr FROM customer
    WHERE COALESCE(churned_at, 'infinity') > :now ORDER BY id
""")


def living(session: Session, *, now: datetime) -> Sequence[Row[Any]]:
    """Id, name and ARR of every customer who hasn't left, by id."""
    return session.connection().execute(_LIVING, {"now": now}).all()
