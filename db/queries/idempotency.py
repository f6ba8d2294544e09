"""What requests with an `Idempotency-Key` were answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from db.tables import IdempotencyKey

_table = IdempotencyKey.metadata.tables["idempotency_key"]
_CLAIM = text("SELECT pg_try_advisory_xact_lock(:number)")


def claim(session: Session, *, number: int) -> bool:
    """Whether nobody else works on the key of this number until this transaction ends.

    A lock of the transaction: the death of whoever holds it gives it back.
    """
    return bool(session.connection().execute(_CLAIM, {"number": number}).scalar_one())


def find(session: Session, *, caller: str, key: str, since: datetime) -> RowMapping | None:
    """What was stored under the key, `since` or later."""
    statement = select(_table).where(
        _table.c.caller == caller, _table.c.key == key, _table.c.created_at >= since
    )
    return session.connection().execute(statement).mappings().one_or_none()


def store(session: Session, *, values: dict[str, Any]) -> None:
    """Store an answer, in place of one under the same key that has expired."""
    statement = insert(_table).values(**values)
    new = {name: statement.excluded[name] for name in values}
    statement = statement.on_conflict_do_update(index_elements=["caller", "key"], set_=new)
    session.connection().execute(statement)


def forget(session: Session, *, before: datetime, limit: int) -> int:
    """Remove the oldest answers of those stored before; how many."""
    old = select(_table.c.caller, _table.c.key).where(_table.c.created_at < before)
    old = old.order_by(_table.c.created_at).limit(limit).with_for_update(skip_locked=True)
    statement = delete(_table).where(tuple_(_table.c.caller, _table.c.key).in_(old))
    return session.connection().execute(statement).rowcount
