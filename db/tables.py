"""The stored data. Alembic owns the schema; these classes describe it.

Every table that grows with activity has `customer_id` first in its primary key
and no foreign key (docs/adr/0004): erasure and ingestion meet on the customer's
own row lock instead.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from db.base import Base

LARGEST_BIGINT = 2**63 - 1
_NO_END, _HAS_END = "churned_at IS NULL", "churned_at IS NOT NULL"
Money = Numeric(17, 4)  # up to 10¹² with four decimals: every ISO 4217 currency


class Signal(IntEnum):
    """What `daily_activity` counts."""

    LOGIN = 1
    API_CALL = 2
    API_ERROR = 3
    FEATURE_USE = 4
    SESSION_SECONDS = 5


class SeenKind(IntEnum):
    """What `last_seen` remembers: `name` is a user id, an endpoint, an event type or a feature."""

    USER = 1
    ENDPOINT = 2
    EVENT_TYPE = 3
    FEATURE = 4


class Customer(Base, table=True):
    """A company that pays."""

    __tablename__ = "customer"
    __table_args__ = (
        Index("uq_customer_email", text("lower(email)"), unique=True),
        Index("uq_customer_external_id", "external_id", unique=True),
        Index("ix_customer_name", text('lower(name) COLLATE "C"'), "id"),
        Index("ix_customer_arr", "arr", "id"),
        Index("ix_customer_renewal_date", "renewal_date", "id"),
        Index("ix_customer_created_at", "created_at", "id"),
        Index("ix_customer_segment", "segment", "arr", "id"),
        Index("ix_customer_owner", "owner"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    external_id: str | None = Field(default=None, sa_type=Text)
    name: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    segment: str = Field(sa_type=Text)
    owner: str | None = Field(default=None, sa_type=Text)
    arr: Decimal | None = Field(default=None, sa_type=Money)
    renewal_date: date | None = Field(default=None, sa_type=Date)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    churned_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class CustomerChange(Base, table=True):
    """What held from a moment on; a customer without a row has always had what it has now."""

    __tablename__ = "customer_change"

    customer_id: int = Field(sa_type=BigInteger, primary_key=True)
    changed_at: datetime = Field(sa_type=DateTime(timezone=True), primary_key=True)
    """`-infinity` for what held before the first change."""
    segment: str = Field(sa_type=Text)
    owner: str | None = Field(default=None, sa_type=Text)
    arr: Decimal | None = Field(default=None, sa_type=Money)


class Event(Base, table=True):
    """A stored fact about a customer: append-only, but for data that is kept no longer."""

    __tablename__ = "event"
    __table_args__ = (
        Index(
            "ix_event_occurred_at", "customer_id", text("occurred_at DESC"), text("event_id DESC")
        ),
        Index(
            "ix_event_subject",
            "customer_id",
            "event_type",
            "subject_id",
            postgresql_where=text("subject_id IS NOT NULL"),
        ),
        Index("ix_event_received_at", "received_at"),
        Index(
            "ix_event_data",
            "occurred_at",
            postgresql_where=text("data IS NOT NULL AND subject_id IS NULL"),
        ),
    )

    customer_id: int = Field(sa_type=BigInteger, primary_key=True)
    event_id: str = Field(sa_type=Text, primary_key=True)
    event_type: str = Field(sa_type=Text)
    occurred_at: datetime = Field(sa_type=DateTime(timezone=True))
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
    source: str = Field(sa_type=Text)
    subject_id: str | None = Field(default=None, sa_type=Text)
    """The ticket or invoice that the event speaks of; what it is refolded by."""
    data: dict[str, Any] | None = Field(sa_type=JSONB)
    """Null once RETENTION_DAYS are over."""
    content_hash: bytes = Field(sa_type=LargeBinary)


class DailyActivity(Base, table=True):
    """Counters a customer, UTC day, signal and key (the feature's name, else empty)."""

    __tablename__ = "daily_activity"

    customer_id: int = Field(sa_type=BigInteger, primary_key=True)
    day: date = Field(sa_type=Date, primary_key=True)
    signal: int = Field(sa_type=SmallInteger, primary_key=True)
    key: str = Field(default="", sa_type=Text, primary_key=True)
    n: int = Field(sa_type=BigInteger)
    last_at: datetime = Field(sa_type=DateTime(timezone=True))


class LastSeen(Base, table=True):
    """First and last time of each event type of a customer; the UTC day of everything else.

    As of a day, all that counts is whether; so a second use on one day changes no row.
    """

    __tablename__ = "last_seen"

    customer_id: int = Field(sa_type=BigInteger, primary_key=True)
    kind: int = Field(sa_type=SmallInteger, primary_key=True)
    name: str = Field(sa_type=Text, primary_key=True)
    first_at: datetime = Field(sa_type=DateTime(timezone=True))
    last_at: datetime = Field(sa_type=DateTime(timezone=True))
    on_time_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    """Of event types: the first time among the events that came in no later than on their day."""


class LateActivity(Base, table=True):
    """The part of a counter that came in on a later UTC day than its own (docs/adr/0022).

    Signal 0 counts late events of the types that have no counter.
    """

    __tablename__ = "late_activity"

    customer_id: int = Field(sa_type=BigInteger, primary_key=True)
    day: date = Field(sa_type=Date, primary_key=True)
    signal: int = Field(sa_type=SmallInteger, primary_key=True)
    key: str = Field(default="", sa_type=Text, primary_key=True)
    received_day: date = Field(sa_type=Date, primary_key=True)
    n: int = Field(sa_type=BigInteger)


class LateTicket(Base, table=True):
    """A ticket as it was known before what came in on `received_day` changed its past.

    All null where nothing was known of it.
    """

    __tablename__ = "late_ticket"

    customer_id: int = Field(sa_type=BigInteger, primary_key=True)
    ticket_id: str = Field(sa_type=Text, primary_key=True)
    received_day: date = Field(sa_type=Date, primary_key=True)
    priority: str | None = Field(default=None, sa_type=Text)
    opened_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    resolved_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    satisfaction: int | None = Field(default=None, sa_type=SmallInteger)


class LateInvoice(Base, table=True):
    """An invoice, likewise."""

    __tablename__ = "late_invoice"

    customer_id: int = Field(sa_type=BigInteger, primary_key=True)
    invoice_id: str = Field(sa_type=Text, primary_key=True)
    received_day: date = Field(sa_type=Date, primary_key=True)
    amount: Decimal | None = Field(default=None, sa_type=Money)
    currency: str | None = Field(default=None, sa_type=Text)
    due_date: date | None = Field(default=None, sa_type=Date)
    paid_date: date | None = Field(default=None, sa_type=Date)


class ConnectedSource(Base, table=True):
    """The first UTC day that any customer had an event of this type; outlives erasure."""

    __tablename__ = "connected_source"

    signal: str = Field(sa_type=Text, primary_key=True)
    first_day: date = Field(sa_type=Date)
    known_day: date = Field(sa_type=Date)
    """The first day on which such an event had both happened and come in."""


class SupportTicket(Base, table=True):
    """Projected from the customer's `support_ticket` events."""

    __tablename__ = "support_ticket"

    customer_id: int = Field(sa_type=BigInteger, primary_key=True)
    ticket_id: str = Field(sa_type=Text, primary_key=True)
    subject: str | None = Field(default=None, sa_type=Text)
    priority: str = Field(sa_type=Text)
    opened_at: datetime = Field(sa_type=DateTime(timezone=True))
    resolved_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    satisfaction: int | None = Field(default=None, sa_type=SmallInteger)


class Invoice(Base, table=True):
    """Projected from the customer's `payment` events."""

    __tablename__ = "invoice"

    customer_id: int = Field(sa_type=BigInteger, primary_key=True)
    invoice_id: str = Field(sa_type=Text, primary_key=True)
    amount: Decimal = Field(sa_type=Money)
    currency: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    due_date: date = Field(sa_type=Date)
    paid_date: date | None = Field(default=None, sa_type=Date)


class CustomerHealth(Base, table=True):
    """The current score, with copies of the customer's columns that lists sort and filter by."""

    __tablename__ = "customer_health"
    __table_args__ = (
        # Every rescore writes to each of them: only what it changes is sorted by here, the
        # rest by `customer`. Apart from who leaves, so that many who have left are in no one's way.
        *(
            Index(f"ix_customer_health_{name}{suffix}", name, "customer_id", postgresql_where=where)
            for name in ("overall_score", "trend_30d", "last_activity_at")
            for suffix, where in (("", text(_NO_END)), ("_churned", text(_HAS_END)))
        ),
        Index("ix_customer_health_churned_at", "churned_at", postgresql_where=text(_HAS_END)),
    )

    customer_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    external_id: str | None = Field(default=None, sa_type=Text)
    name: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    segment: str = Field(sa_type=Text)
    owner: str | None = Field(default=None, sa_type=Text)
    arr: Decimal | None = Field(default=None, sa_type=Money)
    renewal_date: date | None = Field(default=None, sa_type=Date)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    churned_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    overall_score: float | None = Field(default=None, sa_type=Float(53))
    status: str = Field(default="no_data", sa_type=Text)
    coverage: float = Field(default=0.0, sa_type=Float(53))
    factor_scores: dict[str, float | None] = Field(default_factory=dict, sa_type=JSONB)
    trend_7d: float | None = Field(default=None, sa_type=Float(53))
    trend_30d: float | None = Field(default=None, sa_type=Float(53))
    model: str | None = Field(default=None, sa_type=Text)
    model_version: int | None = Field(default=None, sa_type=Integer)
    last_activity_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    as_of: date | None = Field(default=None, sa_type=Date)
    """The UTC day the score describes; null until the scorer has seen the customer."""
    calculated_at: datetime = Field(sa_type=DateTime(timezone=True))


class HealthSnapshot(Base, table=True):
    """One score a customer a day: the history, as corrected."""

    __tablename__ = "health_snapshot"
    customer_id: int = Field(sa_type=BigInteger, primary_key=True)
    day: date = Field(sa_type=Date, primary_key=True)
    overall_score: float | None = Field(default=None, sa_type=Float(53))
    status: str = Field(sa_type=Text)
    coverage: float = Field(sa_type=Float(53))
    factor_scores: dict[str, float | None] = Field(sa_type=JSONB)
    segment: str = Field(sa_type=Text)
    arr: Decimal | None = Field(default=None, sa_type=Money)
    model: str = Field(sa_type=Text)
    model_version: int = Field(sa_type=Integer)


class PortfolioNow(Base, table=True):
    """Current scores added up: append-only deltas, summed when read (docs/adr/0012)."""

    __tablename__ = "portfolio_now"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    segment: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    score_bin: int | None = Field(default=None, sa_type=SmallInteger)
    """Which five points of 0–100 the scores lie in, 0–19; null without a score."""
    churned_at: datetime = Field(sa_type=DateTime(timezone=True))
    """`infinity` while no end is known, `-infinity` once the end is past."""
    customers: int = Field(sa_type=BigInteger)
    scored: int = Field(sa_type=BigInteger)
    score_sum: Decimal = Field(sa_type=Numeric)
    arr: Decimal = Field(sa_type=Numeric)
    changed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class PortfolioDay(Base, table=True):
    """Snapshots added up by day, in the same way."""

    __tablename__ = "portfolio_day"
    __table_args__ = (Index("ix_portfolio_day_day", "day"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    day: date = Field(sa_type=Date)
    status: str = Field(sa_type=Text)
    customers: int = Field(sa_type=BigInteger)
    scored: int = Field(sa_type=BigInteger)
    score_sum: Decimal = Field(sa_type=Numeric)
    arr: Decimal = Field(sa_type=Numeric)


class RescoreEntry(Base, table=True):
    """Append-only: who waits for the scorer. `customer_id` null means everybody."""

    __tablename__ = "rescore_queue"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    customer_id: int | None = Field(default=None, sa_type=BigInteger)
    day: date = Field(sa_type=Date)
    """The earliest UTC day whose score the change can move."""
    after_id: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0"))
    )
    """Of everybody, only customers with greater ids still wait."""
    queued_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )
    """Nobody takes it before; in the future for a customer that could not be scored."""


class ScoringModelVersion(Base, table=True):
    """A published scoring model: immutable; one is active."""

    __tablename__ = "scoring_model"
    __table_args__ = (
        Index("uq_scoring_model_active", "active", unique=True, postgresql_where=text("active")),
    )

    name: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(sa_type=Integer, primary_key=True)
    definition: dict[str, Any] = Field(sa_type=JSONB)
    active: bool = Field(default=False)
    published_at: datetime = Field(sa_type=DateTime(timezone=True))
    author: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)


class ModelActivation(Base, table=True):
    """When a version became the active one: append-only, so that each day knows its model."""

    __tablename__ = "model_activation"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    at: datetime = Field(sa_type=DateTime(timezone=True))
    name: str = Field(sa_type=Text)
    version: int = Field(sa_type=Integer)
    actor: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)


class ScoringModelDraft(Base, table=True):
    """A scoring model that somebody works on, not published yet."""

    __tablename__ = "scoring_model_draft"

    name: str = Field(sa_type=Text, primary_key=True)
    definition: dict[str, Any] = Field(sa_type=JSONB)
    author: str = Field(sa_type=Text)
    updated_at: datetime = Field(sa_type=DateTime(timezone=True))


class ApiKey(Base, table=True):
    """Who may call the API, with which scopes; the key itself is stored nowhere."""

    __tablename__ = "api_key"
    __table_args__ = (Index("uq_api_key_prefix", "prefix", unique=True),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    name: str = Field(sa_type=Text)
    prefix: str = Field(sa_type=Text)
    hash: bytes = Field(sa_type=LargeBinary)
    """SHA-256 of the whole key."""
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class IdempotencyKey(Base, table=True):
    """What a request with an `Idempotency-Key` was answered, for its repetitions."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        Index("ix_idempotency_key_created_at", "created_at"),
        Index("ix_idempotency_key_customer_id", "customer_id"),
    )

    caller: str = Field(sa_type=Text, primary_key=True)
    key: str = Field(sa_type=Text, primary_key=True)
    request_hash: bytes = Field(sa_type=LargeBinary)
    customer_id: int = Field(sa_type=BigInteger)
    """Whom the answer speaks of: erased with the customer."""
    status: int = Field(sa_type=SmallInteger)
    headers: dict[str, str] = Field(sa_type=JSONB)
    body: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class AuditEntry(Base, table=True):
    """Who changed what, when, from where; append-only by trigger (docs/adr/0020).

    Ids and names of fields, never what a field holds: nothing here needs to be erased.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at", "at", "id"),
        *(
            Index(f"ix_audit_log_{column}", column, "at", "id")
            for column in ("action", "actor", "subject")
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )
    actor: str = Field(sa_type=Text)
    via: str = Field(sa_type=Text)
    address: str | None = Field(default=None, sa_type=Text)
    request_id: str | None = Field(default=None, sa_type=Text)
    action: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    fields: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
