"""Reading the audit log: newest first, page by page, and as CSV."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from db.queries import audit as queries
from services.customer_export import cell, line
from services.customer_filters import check_text
from services.pagination import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    Page,
    check_limit,
    decode_cursor,
    fingerprint,
    make_page,
)

MOST_IN_A_FILE = 100_000
"""Entries: a file is made in memory."""


class AuditItem(BaseModel):
    """One change."""

    id: int
    at: datetime
    actor: str = Field(description="An API key's name and prefix, a token's subject, who signed in")
    via: str = Field(description="`api`, `dashboard` or `command`")
    address: str | None = Field(description="The network address that it came from")
    request_id: str | None = Field(description="As in the log and in the answer's `X-Request-ID`")
    action: str
    subject: str = Field(description="What was changed: its kind and its id")
    fields: list[str] = Field(description="Names of the fields, never what they hold")


@dataclass(frozen=True)
class AuditFilters:
    """Exact values, and start ≤ at < end; None means no restriction."""

    action: str | None = None
    actor: str | None = None
    subject: str | None = None
    start: datetime | None = None
    end: datetime | None = None


COLUMNS: tuple[str, ...] = tuple(AuditItem.model_fields)


def entries_page(
    session: Session,
    *,
    filters: AuditFilters,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Page[AuditItem]:
    """Entries, newest first.

    Raises:
        InvalidInput: an unusable text, limit or cursor.
    """
    for field in ("action", "actor", "subject"):
        check_text(field, getattr(filters, field) or "")
    check_limit(limit)
    parts = (p.astimezone(UTC) if isinstance(p, datetime) else p for p in astuple(filters))
    scope = fingerprint("audit", *parts)
    after = decode_cursor(cursor, scope, datetime) if cursor else None
    given: dict[str, Any] = dict(vars(filters))
    rows = queries.entries(session, **given, after=after, limit=limit + 1)
    return make_page(rows, limit=limit, item=AuditItem, scope=scope, key="at", item_id="id")


def actors(session: Session) -> list[str]:
    """Everybody who has an entry, in order."""
    return queries.actors(session)


def csv_lines(session: Session, *, filters: AuditFilters) -> Iterator[str]:
    """The heading, then a line for each entry: up to 100,000 of the newest."""
    yield line(COLUMNS)
    cursor: str | None = None
    for _ in range(MOST_IN_A_FILE // MAX_LIMIT):
        page = entries_page(session, filters=filters, limit=MAX_LIMIT, cursor=cursor)
        for item in page.items:
            values = item.model_dump() | {"fields": " ".join(item.fields)}
            yield line([cell(values[column]) for column in COLUMNS])
        cursor = page.next_cursor
        if cursor is None:
            return
