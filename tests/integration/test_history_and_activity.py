"""Past scores, whole weeks and the live strip, on a real PostgreSQL."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from db.queries import totals
from services import activity, customers, history
from services.customer_input import CustomerIn
from services.errors import InvalidInput, UnknownCustomer
from services.events import EVENT_ADAPTER
from services.ingest import record_event
from services.live import live_status
from tests.support.actors import TESTER

pytestmark = pytest.mark.integration

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)  # a Wednesday


def customer(session: Session, email: str, churned_at: str | None = None) -> int:
    given = {"name": "Acme", "email": email, "segment": "smb", "churned_at": churned_at}
    item = customers.create(
        session,
        by=TESTER,
        customer=CustomerIn.model_validate(given | {"created_at": "2026-01-01T00:00:00Z"}),
        now=NOW,
    )
    return item.id


def snapshot(session: Session, customer_id: int, day: str, score: float | None) -> None:
    status = "no_data" if score is None else "healthy" if score >= 75 else "critical"
    session.connection().execute(
        text(
            "INSERT INTO health_snapshot VALUES (:id, :day, :score, :status, 0.75,"
            " '{\"login_frequency\": 12.345, \"api_usage\": null}', 'smb', 100.5, 'standard', 3)"
        ),
        {"id": customer_id, "day": day, "score": score, "status": status},
    )


def login(session: Session, customer_id: int, moment: str, **event: object) -> None:
    given = {"event_type": "login", "timestamp": moment} | event
    record_event(
        session,
        customer_id=customer_id,
        event=EVENT_ADAPTER.validate_python(given),
        source="api",
        now=NOW,
    )


def test_a_customers_history_is_its_own_and_in_order(session: Session) -> None:
    one, other = customer(session, "a@x.example"), customer(session, "b@x.example")
    for day in ("2026-05-03", "2026-05-01", "2026-05-02", "2026-04-30"):
        snapshot(session, one, day, 60.0)
        snapshot(session, other, day, 90.0)
    days = history.customer_history(
        session, customer_id=one, start=date(2026, 5, 1), end=date(2026, 5, 2)
    )
    assert [item.day.day for item in days] == [1, 2]
    assert days[0].model_dump(mode="json") == {
        "day": "2026-05-01",
        "overall_score": 60.0,
        "status": "critical",
        "coverage": 0.75,
        "model": "standard",
        "model_version": 3,
        "factor_scores": {"login_frequency": 12.35, "api_usage": None},
        "segment": "smb",
        "arr": 100.5,
        "owner": None,
    }
    with pytest.raises(UnknownCustomer):
        history.customer_history(session, customer_id=99, start=NOW.date(), end=NOW.date())


def test_the_portfolio_counts_a_customer_until_the_day_before_it_left(session: Session) -> None:
    stays = customer(session, "a@x.example")
    leaves = customer(session, "b@x.example", churned_at="2026-05-02T00:00:00Z")
    blank = customer(session, "c@x.example")
    for day in ("2026-05-01", "2026-05-02"):
        snapshot(session, stays, day, 80.0)
        snapshot(session, leaves, day, 20.0)
        snapshot(session, blank, day, None)
    everybody, since = [stays, leaves, blank], [date(2026, 5, 1)] * 3
    totals.put_in_days(session, customer_ids=everybody, first_days=since)
    first, second = history.portfolio_history(session, start=date(2026, 5, 1), end=date(2026, 5, 3))
    assert (first.customers, first.average_score, first.arr_at_risk) == (3, 50.0, 100.5)
    assert first.by_status.model_dump() == {
        "healthy": 1,
        "at_risk": 0,
        "critical": 1,
        "no_data": 1,
    }
    assert (second.customers, second.average_score, second.arr_at_risk) == (2, 80.0, 0)


def test_weeks_begin_on_monday_and_empty_ones_stay(session: Session) -> None:
    one = customer(session, "a@x.example")
    for moment in (
        "2026-05-06T00:00:00Z",  # Wednesday, this week
        "2026-05-04T00:00:00Z",  # Monday
        "2026-05-03T23:59:59Z",  # Sunday: last week
        "2026-02-09T00:00:00Z",  # Monday, 12 weeks before
        "2026-02-08T23:59:59Z",  # Sunday: before the first week
    ):
        login(session, one, moment)
    calls = {"endpoint": "/", "count": 5, "status_code": 500}
    login(session, one, "2026-05-05T00:00:00Z", event_type="api_call", event_data=calls)
    used = {"feature_name": "reports", "count": 3}
    login(session, one, "2026-05-05T00:00:00Z", event_type="feature_use", event_data=used)
    weeks = activity.weekly_activity(session, customer_id=one, now=NOW)
    assert [week.week for week in weeks] == [
        date(2026, 2, 9) + timedelta(weeks=n) for n in range(13)
    ]
    assert [week.logins for week in weeks] == [1, *[0] * 10, 1, 2]
    last = weeks[-1]
    assert (last.api_calls, last.api_errors, last.feature_uses) == (5, 5, 3)


def test_the_live_strip_tells_the_last_event_todays_and_who_waits(session: Session) -> None:
    empty = live_status(session, now=NOW)
    assert (empty.last_event_at, empty.events_today) == (None, 0)
    one = customer(session, "a@x.example")
    waiting = live_status(session, now=NOW).waiting
    login(session, one, "2026-01-05T00:00:00Z")  # late, but received now
    status = live_status(session, now=NOW)
    assert (status.last_event_at, status.events_today) == (NOW, 1)
    assert status.waiting > waiting
    tomorrow = live_status(session, now=NOW + timedelta(days=1))
    assert tomorrow.events_today == 0


def test_the_live_strip_counts_no_further_than_it_is_told(session: Session) -> None:
    one = customer(session, "a@x.example")
    for day in range(1, 4):
        login(session, one, f"2026-01-0{day}T00:00:00Z")
    assert live_status(session, now=NOW).events_today == 3
    bounded = live_status(session, now=NOW, most=2)
    assert (bounded.events_today, bounded.waiting) == (2, 2)


def test_records_of_unknown_customers_and_unusable_pages_are_refused(session: Session) -> None:
    one = customer(session, "a@x.example")
    for page in (activity.events_page, activity.tickets_page):
        with pytest.raises(UnknownCustomer):
            page(session, customer_id=99)
        with pytest.raises(InvalidInput):
            page(session, customer_id=one, limit=0)
        with pytest.raises(InvalidInput):
            page(session, customer_id=one, cursor="x")
    with pytest.raises(UnknownCustomer):
        activity.invoices_page(session, customer_id=99, now=NOW)
    with pytest.raises(InvalidInput):
        activity.events_page(session, customer_id=one, event_type="logout")
