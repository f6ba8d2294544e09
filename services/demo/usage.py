"""What demo customers do: logins, API calls and feature use, drawn for many at a time.

Everything here is a column with a row per event. Customers are numbered within their
chunk, days from the first day of activity, moments in seconds since 1970.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from services.demo.column_text import Ints
from services.demo.companies import Company
from services.demo.lives import Lives
from services.demo.spells import Floats

# In alphabetical order: a feature's number sorts like its name.
FEATURES = (
    "API keys", "Alerts", "Approvals", "Audit log", "Automations", "Dashboards", "Exports",
    "Forecasts", "Integrations", "Reports", "SSO", "Team roles",
)  # fmt: skip
POPULARITY = (0.50, 0.75, 0.30, 0.15, 0.55, 1.00, 0.80, 0.35, 0.65, 0.95, 0.25, 0.40)
ENDPOINTS = (
    "/v1/accounts", "/v1/exports", "/v1/invoices", "/v1/orders", "/v1/products",
    "/v1/reports", "/v1/search", "/v1/webhooks",
)  # fmt: skip
METHODS = ("GET", "POST", "GET", "POST", "GET", "GET", "GET", "PUT")

# What 1.0 of a level means; the standard scoring model expects as much.
LOGINS_A_DAY = 20 / 30
API_CALLS_A_DAY = {"startup": 200 / 30, "smb": 500 / 30, "enterprise": 1000 / 30}
WEEKEND = {"startup": 0.7, "smb": 0.45, "enterprise": 0.3}


@dataclass(frozen=True)
class Usage:
    """Events of one type."""

    customer: Ints
    day: Ints
    second: Ints
    subject: Ints
    """The endpoint's or feature's number; 0 for logins."""
    user: Ints
    n: Ints
    """Session seconds of a login, else how many calls or uses."""
    status: Ints
    """HTTP status of API calls, else 0."""
    milliseconds: Ints
    """Response time of API calls, else 0."""


@dataclass(frozen=True)
class Simulation:
    """A chunk's usage, by event type."""

    logins: Usage
    api_calls: Usage
    feature_uses: Usage


def simulate(
    companies: Sequence[Company],
    lives: Lives,
    *,
    first_day: date,
    days: int,
    rng: np.random.Generator,
) -> Simulation:
    """The usage of these customers on `days` days from `first_day` on."""
    lows, highs = _presence(companies, first_day, days)
    day = np.arange(days)
    present = (day >= lows[:, None]) & (day <= highs[:, None])
    pace = lives.spells.pace(days - 1 - day) * _weekdays(companies, first_day, days) * present
    pace *= rng.gamma(8.0, 1 / 8.0, size=pace.shape)
    users = np.array([len(company.users) for company in companies])
    clock = _Clock(first_day, users, rng)
    return Simulation(
        logins=_logins(pace * lives.levels["logins"][:, None], clock, rng),
        api_calls=_api_calls(companies, lives, pace, clock, rng),
        feature_uses=_feature_uses(lives, pace, clock, rng),
    )


@dataclass(frozen=True)
class _Clock:
    """Gives events a moment within their day and one of their customer's users."""

    first_day: date
    users: Ints
    rng: np.random.Generator

    def events(
        self, customer: Ints, day: Ints, subject: Ints, n: Ints, *, status: Ints | None = None
    ) -> Usage:
        midnight = int(datetime.combine(self.first_day, datetime.min.time(), UTC).timestamp())
        office = self.rng.normal(13.5 * 3600, 2.6 * 3600, customer.size)
        second = midnight + day * 86_400 + np.clip(office, 0, 86_399).astype(np.int64)
        # A few people do most of the work.
        user = (self.users[customer] * self.rng.random(customer.size) ** 2).astype(np.int64)
        slow = np.zeros_like(n)
        if status is not None:
            slow = self.rng.gamma(4.0, 35.0, customer.size).astype(np.int64) + 20
        return Usage(
            customer,
            day,
            second,
            subject,
            user,
            n,
            np.zeros_like(n) if status is None else status,
            slow,
        )


def _presence(companies: Sequence[Company], first_day: date, days: int) -> tuple[Ints, Ints]:
    """First and last day of activity: from the day after signing to the day before leaving."""
    lows = [(company.created_at.date() - first_day).days + 1 for company in companies]
    highs = [
        (company.churned_at.date() - first_day).days - 1 if company.churned_at else days - 1
        for company in companies
    ]
    return np.array(lows), np.array(highs)


def _weekdays(companies: Sequence[Company], first_day: date, days: int) -> Floats:
    """The factor of each [customer, day]; a week's mean is 1."""
    weekend = np.array([WEEKEND[company.segment] for company in companies])[:, None]
    working = (7 - 2 * weekend) / 5
    weekday = np.array([(first_day + timedelta(days=day)).weekday() for day in range(days)])
    return np.where(weekday >= 5, weekend, working)


def _logins(rate: Floats, clock: _Clock, rng: np.random.Generator) -> Usage:
    logins = rng.poisson(rate * LOGINS_A_DAY)
    customer, day = (np.repeat(index, logins.ravel()) for index in _indices(logins))
    seconds = np.clip(rng.lognormal(6.6, 0.8, customer.size), 30, 20_000).astype(np.int64)
    return clock.events(customer, day, np.zeros_like(customer), seconds)


def _api_calls(
    companies: Sequence[Company],
    lives: Lives,
    pace: Floats,
    clock: _Clock,
    rng: np.random.Generator,
) -> Usage:
    """Calls as senders add them up: an event a day, endpoint and outcome."""
    a_day = np.array([API_CALLS_A_DAY[company.segment] for company in companies])
    rate = pace * (lives.levels["api"] * a_day)[:, None]
    shares = rng.dirichlet(np.full(len(ENDPOINTS), 0.25), size=len(companies))
    shares[shares < 0.05] = 0
    calls = rng.poisson(rate[:, :, None] * (shares / shares.sum(axis=1, keepdims=True))[:, None, :])
    errors = rng.binomial(calls, lives.levels["api_errors"][:, None, None])
    parts = []
    for outcome, statuses in ((calls - errors, (200, 200, 201)), (errors, (400, 404, 429, 500))):
        customer, day, endpoint = np.nonzero(outcome)
        n = outcome[customer, day, endpoint]
        status = rng.choice(np.array(statuses), size=n.size)
        parts.append(clock.events(customer, day, endpoint, n, status=status))
    return _joined(parts)


def _feature_uses(lives: Lives, pace: Floats, clock: _Clock, rng: np.random.Generator) -> Usage:
    size = lives.levels["logins"].size
    taken_up = np.round(lives.levels["features"])
    # Popular features come first, with each customer's own taste.
    taste = np.array(POPULARITY) + rng.normal(0, 0.18, (size, len(FEATURES)))
    rank = np.argsort(np.argsort(-taste, axis=1), axis=1)
    habit = np.where(rank < taken_up[:, None], 0.36 * 0.78**rank, 0.0)
    chance = np.minimum(
        0.95, (pace * np.sqrt(lives.levels["logins"])[:, None])[:, :, None] * habit[:, None, :]
    )
    customer, day, feature = np.nonzero(rng.random(chance.shape) < chance)
    return clock.events(customer, day, feature, 1 + rng.poisson(2.0, customer.size))


def _indices(counts: Ints) -> tuple[Ints, Ints]:
    rows, columns = np.indices(counts.shape)
    return rows.ravel(), columns.ravel()


def _joined(parts: Sequence[Usage]) -> Usage:
    return Usage(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Usage.__dataclass_fields__
        )
    )
