"""What the customer's page and the entry form read, cached for a moment and across sessions."""

from datetime import date, timedelta
from typing import NamedTuple

import streamlit as st

from db.session import read
from services import activity, customers, health, history
from services.change_views import ScoreChanges
from services.changes import customer_changes
from services.clock import utc_now
from services.errors import UnknownCustomer
from services.model_robustness import status_stability
from services.scoring_models import published_model
from services.views import (
    CustomerHealth,
    CustomerItem,
    EventItem,
    InvoiceItem,
    SnapshotItem,
    TicketItem,
    WeekActivity,
)
from ui.charts.bands import Bands

HISTORY_DAYS = 90
WEEKS = 13
_MOMENT = 1.0
"""Seconds: long enough for one page run, short enough to be fresh."""


class CustomerPage(NamedTuple):
    """Everything above the tabs, read in one transaction."""

    item: CustomerItem
    health: CustomerHealth
    bands: Bands
    history: list[SnapshotItem]
    """The snapshots of the 90 days that end with the score's day, oldest first."""
    today: date
    stability: float
    """Share of draws of the weights, 0–1, in which the status stays."""


@st.cache_data(ttl=_MOMENT, max_entries=200, show_spinner=False)
def customer_page(customer_id: int) -> CustomerPage | None:
    """A customer with its live score and history; None where there is no such customer."""
    now = utc_now()
    with read() as session:
        try:
            item = customers.get_item(session, customer_id=customer_id)
        except UnknownCustomer:
            return None
        score = health.customer_health(session, customer_id=customer_id, now=now)
        model = published_model(session, score.model, score.model_version)
        past = history.customer_history(
            session,
            customer_id=customer_id,
            start=score.as_of - timedelta(days=HISTORY_DAYS - 1),
            end=score.as_of,
        )
    bands = Bands(healthy=model.bands.healthy, at_risk=model.bands.at_risk)
    return CustomerPage(item, score, bands, past, now.date(), status_stability(score, model))


@st.cache_data(ttl=_MOMENT, max_entries=50, show_spinner=False)
def score_history(customer_id: int, start: date, end: date) -> list[SnapshotItem]:
    """The snapshots of these days, oldest first; none where it was erased meanwhile."""
    with read() as session:
        try:
            return history.customer_history(session, customer_id=customer_id, start=start, end=end)
        except UnknownCustomer:
            return []


@st.cache_data(ttl=_MOMENT, max_entries=200, show_spinner=False)
def changes(customer_id: int, start: date, end: date) -> ScoreChanges | None:
    """What changed a customer's score; None where it was erased meanwhile."""
    with read() as session:
        try:
            return customer_changes(
                session, customer_id=customer_id, now=utc_now(), start=start, end=end
            )
        except UnknownCustomer:
            return None


@st.cache_data(ttl=_MOMENT, max_entries=200, show_spinner=False)
def weeks(customer_id: int) -> list[WeekActivity]:
    """The last 13 whole weeks, oldest first; the week we are in would look like a fall."""
    with read() as session:
        found = activity.weekly_activity(
            session, customer_id=customer_id, now=utc_now(), weeks=WEEKS + 1
        )
    return found[:-1]


@st.cache_data(ttl=_MOMENT, max_entries=200, show_spinner=False)
def events(customer_id: int, cursor: str | None, limit: int) -> tuple[list[EventItem], str | None]:
    """A page of events, newest first, and the next page's cursor."""
    with read() as session:
        page = activity.events_page(session, customer_id=customer_id, cursor=cursor, limit=limit)
    return page.items, page.next_cursor


@st.cache_data(ttl=_MOMENT, max_entries=200, show_spinner=False)
def tickets(
    customer_id: int, cursor: str | None, limit: int
) -> tuple[list[TicketItem], str | None]:
    """A page of tickets, newest first, and the next page's cursor."""
    with read() as session:
        page = activity.tickets_page(session, customer_id=customer_id, cursor=cursor, limit=limit)
    return page.items, page.next_cursor


@st.cache_data(ttl=_MOMENT, max_entries=200, show_spinner=False)
def invoices(
    customer_id: int, cursor: str | None, limit: int
) -> tuple[list[InvoiceItem], str | None]:
    """A page of invoices, newest first, and the next page's cursor."""
    with read() as session:
        page = activity.invoices_page(
            session, customer_id=customer_id, cursor=cursor, limit=limit, now=utc_now()
        )
    return page.items, page.next_cursor


def forget() -> None:
    """Drops what is cached, for a page that must show what was just recorded."""
    for loader in (customer_page, score_history, changes, weeks, events, tickets, invoices):
        loader.clear()
