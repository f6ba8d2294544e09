"""What a customer did: events, tickets, invoices, and its weeks."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from db.queries import activity_reads as queries
from services.clock import utc_day
from services.customers import require
from services.errors import InvalidInput
from services.events import EVENT_TYPES
from services.pagination import (
    DEFAULT_LIMIT,
    Page,
    check_limit,
    decode_cursor,
    fingerprint,
    make_page,
)
from services.views import EventItem, InvoiceItem, TicketItem, WeekActivity


def events_page(
    session: Session,
    *,
    customer_id: int,
    event_type: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Page[EventItem]:
    """Events with start ≤ occurred_at < end, newest first.

    Raises:
        UnknownCustomer: there is none.
        InvalidInput: an unusable event_type, limit or cursor.
    """
    if event_type is not None and event_type not in EVENT_TYPES:
        raise InvalidInput("event_type", f"Must be one of {', '.join(EVENT_TYPES)}.")
    bounds = (bound and bound.astimezone(UTC).isoformat() for bound in (start, end))
    scope = fingerprint("events", customer_id, event_type, *bounds)
    check_limit(limit)
    require(session, customer_id=customer_id)
    rows = queries.events(
        session,
        customer_id=customer_id,
        event_type=event_type,
        start=start,
        end=end,
        after=decode_cursor(cursor, scope, datetime, id_type=str) if cursor else None,
        limit=limit + 1,
    )
    return make_page(
        rows, limit=limit, item=EventItem, scope=scope, key="occurred_at", item_id="event_id"
    )


def tickets_page(
    session: Session, *, customer_id: int, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> Page[TicketItem]:
    """Tickets, last opened first.

    Raises:
        UnknownCustomer, InvalidInput
    """
    scope = fingerprint("tickets", customer_id)
    check_limit(limit)
    require(session, customer_id=customer_id)
    after = decode_cursor(cursor, scope, datetime, id_type=str) if cursor else None
    rows = queries.tickets(session, customer_id=customer_id, after=after, limit=limit + 1)
    return make_page(
        rows, limit=limit, item=TicketItem, scope=scope, key="opened_at", item_id="ticket_id"
    )


def invoices_page(
    session: Session,
    *,
    customer_id: int,
    now: datetime,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Page[InvoiceItem]:
    """Invoices, last due first; days late as of today.

    Raises:
        UnknownCustomer, InvalidInput
    """
    scope = fingerprint("invoices", customer_id)
    check_limit(limit)
    require(session, customer_id=customer_id)
    rows = queries.invoices(
        session,
        customer_id=customer_id,
        today=utc_day(now),
        after=decode_cursor(cursor, scope, date, id_type=str) if cursor else None,
        limit=limit + 1,
    )
    return make_page(
        rows, limit=limit, item=InvoiceItem, scope=scope, key="due_date", item_id="invoice_id"
    )


def weekly_activity(
    session: Session, *, customer_id: int, now: datetime, weeks: int = 13
) -> list[WeekActivity]:
    """The last weeks, Monday first, oldest first; the last one is the week that `now` is in.

    Raises:
        UnknownCustomer: there is none.
    """
    require(session, customer_id=customer_id)
    today = utc_day(now)
    last = today - timedelta(days=today.weekday())
    mondays = [last - timedelta(weeks=back) for back in reversed(range(weeks))]
    rows = queries.weeks(
        session, customer_id=customer_id, start=mondays[0], end=last + timedelta(days=6)
    )
    found = {row.week: WeekActivity.model_validate(row) for row in rows}
    empty = {"logins": 0, "api_calls": 0, "api_errors": 0, "feature_uses": 0}
    return [found.get(monday) or WeekActivity(week=monday, **empty) for monday in mondays]
