"""What the Overview and the list of customers read, cached for a moment and across sessions."""

from datetime import date, timedelta
from typing import NamedTuple

import streamlit as st

from db.session import read
from scoring.losses import Loss
from services import customers, dashboard, distribution, health, history, losses, presence
from services.change_views import Mover
from services.changes import movers as biggest_movers
from services.clock import utc_now
from services.customer_filters import CustomerFilters
from services.customers import CustomerTotals
from services.distribution import ScoreBin
from services.live import live_status
from services.scoring_models import active_model, models_between
from services.views import CustomerHealth, CustomerItem, DashboardStats, LiveStatus, PortfolioDay
from ui.charts.bands import Bands

DAYS = 90
"""How far back the tiles compare."""

_MOMENT = 1.0
"""Seconds: long enough for one page run, short enough to be fresh."""


class Overview(NamedTuple):
    """The portfolio today and where it comes from."""

    stats: DashboardStats
    days: list[PortfolioDay]
    """Up to 90 days, oldest first; the last one is today, as in `stats`."""
    bins: list[ScoreBin]
    reasons: dict[int, CustomerHealth]
    """The explained scores of `stats.top_at_risk`, by customer."""
    model: str


class PortfolioPast(NamedTuple):
    """The portfolio before today, and which models are in force."""

    days: list[PortfolioDay]
    """Oldest first."""
    models: list[tuple[date, str]]
    """From which day on, which model: "standard 2"."""
    bands: Bands
    """Of the active model."""


class CustomerTable(NamedTuple):
    """One page of the list."""

    items: list[CustomerItem]
    losses: dict[int, Loss]
    """By customer, the factor that costs most."""


class Choices(NamedTuple):
    """What the list can be filtered by."""

    segments: list[str]
    owners: list[str]


def ping() -> None:
    """Asks the database anything; raises what keeps it from answering."""
    with read() as session:
        presence.answers(session)


def has_customers() -> bool:
    """Whether a single customer exists; not cached, so that the first one shows at once."""
    with read() as session:
        return presence.any_customer(session)


@st.cache_data(ttl=_MOMENT, show_spinner=False)
def overview() -> Overview:
    """Everything on the Overview but the live strip, from one moment of the database."""
    now = utc_now()
    with read() as session:
        stats = dashboard.stats(session, now=now)
        lowest = [item.id for item in stats.top_at_risk]
        reasons = health.explain_many(session, customer_ids=lowest, now=now) if lowest else {}
        bins = distribution.score_distribution(session, now=now)
        past = history.portfolio_history(
            session,
            start=stats.as_of - timedelta(days=DAYS - 1),
            end=stats.as_of - timedelta(days=1),
        )
        model, _ = active_model(session)
    return Overview(stats, [*past, _today(stats)], bins, reasons, model.name)


@st.cache_data(ttl=_MOMENT, max_entries=50, show_spinner=False)
def portfolio_past(today: date, days: int | None) -> PortfolioPast:
    """The portfolio on the days that end with today, which itself is in `overview`."""
    start = date.min if days is None else today - timedelta(days=days - 1)
    with read() as session:
        past = history.portfolio_history(session, start=start, end=today - timedelta(days=1))
        models = models_between(session, past[0].day if past else today, today)
        active, _ = active_model(session)
    bands = Bands(healthy=active.bands.healthy, at_risk=active.bands.at_risk)
    told = [(day, f"{model.name} {version}") for day, model, version in models]
    return PortfolioPast(past, told, bands)


def _today(stats: DashboardStats) -> PortfolioDay:
    return PortfolioDay(
        day=stats.as_of,
        customers=stats.total_customers,
        average_score=stats.average_score,
        by_status=stats.by_status,
        arr_at_risk=stats.arr_at_risk,
    )


@st.cache_data(ttl=10, show_spinner=False)
def movers(days: int, limit: int) -> list[Mover]:
    """Whose score moved most, and why: a week's movement changes less than the rest."""
    with read() as session:
        return biggest_movers(session, now=utc_now(), days=days, limit=limit)


@st.cache_data(ttl=_MOMENT, show_spinner=False)
def live() -> LiveStatus:
    """What the live strip says."""
    with read() as session:
        return live_status(session, now=utc_now())


@st.cache_data(ttl=_MOMENT, max_entries=200, show_spinner=False)
def totals(filters: CustomerFilters) -> CustomerTotals:
    """How many customers the filters leave, and their ARR."""
    with read() as session:
        return customers.count_items(session, now=utc_now(), filters=filters)


@st.cache_data(ttl=_MOMENT, max_entries=200, show_spinner=False)
def customer_table(filters: CustomerFilters, sort: str, limit: int, offset: int) -> CustomerTable:
    """A page of the customers that the filters leave."""
    with read() as session:
        items = customers.list_items(
            session, now=utc_now(), filters=filters, sort=sort, limit=limit, offset=offset
        ).items
        found = losses.biggest_losses(session, customer_ids=[item.id for item in items])
    return CustomerTable(items, found)


@st.cache_data(ttl=10, show_spinner=False)
def choices() -> Choices:
    """Segments of the scoring model and owners of customers, in order."""
    with read() as session:
        model, _ = active_model(session)
        return Choices(list(model.segments), customers.owners(session))
