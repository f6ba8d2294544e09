"""The plain app's tables: customers, their events as they came, and the last score of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Engine, Index, MetaData, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Base(SQLModel, registry=registry(metadata=MetaData(schema="plain"))):
    """In a schema of its own, beside the product's tables."""


class Customer(Base, table=True):
    __tablename__ = "customer"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    name: str
    segment: str
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class Event(Base, table=True):
    __tablename__ = "event"
    __table_args__ = (Index("ix_event_customer", "customer_id", "event_type", "occurred_at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    customer_id: int = Field(foreign_key="customer.id", sa_type=BigInteger)
    event_type: str
    occurred_at: datetime = Field(sa_type=DateTime(timezone=True))
    data: dict[str, Any] = Field(sa_type=JSONB)


class HealthScore(Base, table=True):
    __tablename__ = "health_score"

    customer_id: int = Field(primary_key=True, foreign_key="customer.id", sa_type=BigInteger)
    overall_score: float
    status: str
    factor_scores: dict[str, float | None] = Field(sa_type=JSONB)
    calculated_at: datetime = Field(sa_type=DateTime(timezone=True))


_COPY = """
    INSERT INTO plain.customer (id, name, segment, created_at)
    SELECT id, name, segment, created_at FROM customer
    WHERE id IN (SELECT customer_id FROM event) AND churned_at IS NULL
        AND created_at < CAST(:now AS timestamptz) - interval '91 days'
    ORDER BY id LIMIT :customers;
    INSERT INTO plain.event (customer_id, event_type, occurred_at, data)
    SELECT e.customer_id, e.event_type, e.occurred_at, e.data
    FROM event e JOIN plain.customer c ON c.id = e.customer_id ORDER BY e.received_at;
    INSERT INTO plain.health_score
    SELECT id, 0, 'critical', '{}', :now FROM plain.customer
"""


def copy_from_product(engine: Engine, *, customers: int, now: datetime) -> int:
    """Give the plain app customers and events of the product's database; how many customers.

    Only customers older than any window that have not left: the plain app knows no other rule.
    """
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA plain"))
        Base.metadata.create_all(connection)
        for statement in _COPY.split(";"):
            query = text(statement)
            values = {"now": now, "customers": customers}
            connection.execute(query, {name: values[name] for name in query._bindparams})
        connection.execute(text("ANALYZE plain.customer, plain.event, plain.health_score"))
        found = connection.execute(text("SELECT count(*) FROM plain.customer"))
        return int(found.scalar_one())
