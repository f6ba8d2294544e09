"""What held on a day, and the scores of that day: as they were stored then, and over REST."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from db.session import write
from scoring.engine import score
from services import customers, demo, history, signals
from services.clock import utc_now
from services.customer_input import CustomerIn
from services.health import customer_health
from services.scorer import drain
from services.scoring_models import models_between
from tests.api_server import running_api
from tests.support.actors import TESTER
from tests.support.changing import activate, change
from tests.support.scoring_facts import (
    NOW,
    TODAY,
    add_customer,
    ago,
    connect,
    moment,
    rescore,
    run,
    snapshots,
    stored,
)
from tests.support.totals import drift

pytestmark = pytest.mark.integration


def changes(session: Session, customer_id: int) -> list[tuple[Any, ...]]:
    found = run(
        session,
        "SELECT nullif(changed_at, '-infinity'), segment, owner, arr::float FROM customer_change"
        " WHERE customer_id = :id ORDER BY changed_at",
        id=customer_id,
    )
    return [tuple(row) for row in found]


def test_a_change_of_what_counts_is_remembered_with_what_was_before(session: Session) -> None:
    customer_id = add_customer(session)
    change(session, customer_id, name="Other", arr=1000, segment="smb")
    assert changes(session, customer_id) == []
    change(session, customer_id, owner="Ada", now=NOW)
    change(session, customer_id, arr=5, now=NOW - timedelta(seconds=1))  # waited for its turn
    later = NOW + timedelta(microseconds=1)
    assert changes(session, customer_id) == [
        (None, "smb", None, 1000),
        (NOW, "smb", "Ada", 1000),
        (later, "smb", "Ada", 5),
    ]


def held(session: Session, customer_id: int, first: date, last: date) -> list[tuple[Any, ...]]:
    items = history.customer_history(session, customer_id=customer_id, start=first, end=last)
    return [(item.segment, item.owner, item.arr and float(item.arr)) for item in items]


def test_each_day_has_the_segment_owner_and_arr_that_held_at_its_end(session: Session) -> None:
    connect(session)
    customer_id, other = add_customer(session), add_customer(session, "other")
    change(session, customer_id, segment="startup", owner="Ada", now=moment(ago(3), hour=1))
    change(session, customer_id, segment="enterprise", now=moment(ago(3), hour=23))
    change(session, customer_id, arr=None, owner=None, now=moment(ago(1)))
    rescore(session, (None, ago(5)))
    before, between, now = ("smb", None, 1000), ("enterprise", "Ada", 1000), ("enterprise",)
    expected = [before, before, between, between, (*now, None, None), (*now, None, None)]
    assert held(session, customer_id, ago(5), TODAY) == expected
    assert held(session, other, ago(1), TODAY) == [before] * 2
    for item in history.customer_history(session, customer_id=customer_id, start=ago(5), end=TODAY):
        live = customer_health(session, customer_id=customer_id, now=NOW, as_of=item.day)
        assert (item.segment, item.overall_score) == (live.segment, live.overall_score)


def test_a_part_of_the_portfolio_is_who_had_the_segment_and_owner_on_the_day(
    session: Session,
) -> None:
    moved, left = add_customer(session, "moved"), add_customer(session, "left", churned=ago(1))
    change(session, left, owner="Ada", now=moment(ago(9)))
    change(session, moved, segment="startup", owner="Ada", now=moment(ago(2)))
    rescore(session, (None, ago(3)))

    def counted(**part: list[str]) -> list[int]:
        days = history.portfolio_history(session, start=ago(3), end=TODAY, **part)
        found = {day.day: day.customers for day in days}
        return [found.get(ago(n), 0) for n in (3, 2, 1, 0)]

    assert counted() == [2, 2, 1, 1]
    assert counted(segment=["smb"]) == [2, 1, 0, 0]
    assert counted(segment=["smb", "startup"]) == [2, 2, 1, 1]
    assert counted(owner=["Ada"]) == [1, 2, 1, 1]
    assert counted(owner=["Ada"], segment=["startup"]) == [0, 1, 1, 1]


def test_what_was_stored_on_a_day_is_what_that_day_is_scored_as_later(
    engine: Engine, session: Session
) -> None:
    """For every customer of the demo data, with another model and other segments meanwhile."""
    as_of = date(2026, 5, 4)
    write(
        lambda writer: demo.load(
            writer, by=TESTER, customers=80, days=150, seed=3, as_of=as_of, score=False
        )
    )
    run(session, "DELETE FROM rescore_queue")
    session.commit()
    ids = list(run(session, "SELECT id FROM customer ORDER BY id").scalars())
    days = [as_of - timedelta(days=n) for n in range(9, -1, -1)]
    for day in days:  # as a scorer that runs all the time does
        now = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
        if day == days[3]:
            activate(session, "momentum", now)
        if day == days[6]:
            activate(session, "standard", now)
        if day in days[2:8:2]:
            for customer_id in ids[:: 2 + day.day % 3]:
                change(session, customer_id, segment="enterprise", arr=day.day, now=now)
        rescore(session, (None, day), now=now)
    at_the_time = everything(session, days)
    assert {row[4] for row in at_the_time.values()} == {"standard", "momentum"}
    for day in days:
        ((_, model, version),) = models_between(session, day, day)
        columns = signals.load_day(session, customer_ids=ids, day=day, model=model, today=as_of)
        scored = score(signals.table(columns), model).replace({float("nan"): None})
        table = zip(columns["customer_id"], columns["segment"], scored.itertuples(), strict=True)
        later = {
            key: (row.overall_score, row.status, row.coverage, segment, model.name, version)
            for key, segment, row in table
            if (key, day) in at_the_time
        }
        assert len(later) > 50
        assert later == {key: at_the_time[key, day][:6] for key in later}
    rescore(session, (None, days[0]), now=now)
    assert everything(session, days) == at_the_time
    assert drift(session, now=now) == []


def everything(session: Session, days: list[date]) -> dict[tuple[int, date], tuple[Any, ...]]:
    """The snapshots of these days; of customers who had left by then, there are none."""
    rows = run(
        session,
        "SELECT customer_id, day, overall_score, status, coverage, segment, model, model_version,"
        " arr, factor_scores FROM health_snapshot WHERE day >= :first",
        first=days[0],
    )
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def test_history_reaches_back_to_what_is_imported_and_created(session: Session) -> None:
    """Whoever imports old facts finds the days since, without asking for them."""
    created = CustomerIn.model_validate(
        {
            "name": "Old",
            "email": "o@x.example",
            "segment": "smb",
            "created_at": f"{ago(300)}T00:00Z",
        }
    )
    customer_id = customers.create(session, by=TESTER, customer=created, now=NOW).id
    rescore(session)
    assert len(snapshots(session, customer_id)) == 301


def portfolio(session: Session, now: datetime = NOW) -> list[tuple[int, float | None]]:
    days = history.portfolio_history(session, start=ago(4), end=TODAY)
    assert drift(session, now=now) == []
    return [(day.customers, day.average_score) for day in days]


def test_who_leaves_stays_in_the_days_before_and_keeps_the_last_score(session: Session) -> None:
    connect(session)
    stays, leaves = add_customer(session, "stays"), add_customer(session, "leaves")
    rescore(session, (None, ago(4)))
    both = portfolio(session)
    assert [customers for customers, _ in both] == [2] * 5
    last = snapshots(session, leaves)[ago(2)]

    change(session, leaves, churned_at=moment(ago(2)).isoformat())
    rescore(session)
    assert [found for found, _ in portfolio(session)] == [2, 2, 1, 1, 1]
    assert list(snapshots(session, leaves)) == [ago(n) for n in (4, 3, 2)]
    for change_of in ({"segment": "enterprise"}, {"arr": 1}, {"owner": "Ada"}):
        change(session, leaves, **change_of)
    activate(session, "momentum", NOW)
    rescore(session, (None, TODAY), (leaves, ago(4)))
    assert snapshots(session, leaves)[ago(2)] == last  # frozen
    row = stored(session, leaves)
    assert (row["overall_score"], row["as_of"], row["model"]) == (
        last["overall_score"],
        ago(2),
        "standard",
    )
    live = customer_health(session, customer_id=leaves, now=NOW)
    assert (live.as_of, live.segment, live.model) == (ago(2), "smb", "standard")
    assert snapshots(session, stays)[TODAY]["model"] == "momentum"

    ahead = NOW + timedelta(days=1)
    for end in (ahead.isoformat(), None):
        change(session, leaves, churned_at=end)
        rescore(session)
        assert [found for found, _ in portfolio(session)] == [2] * 5
        assert len(snapshots(session, leaves)) == 5
    change(session, leaves, churned_at=ahead.isoformat())
    later = NOW + timedelta(days=3)
    rescore(session, (None, later.date()), now=later)
    assert max(snapshots(session, leaves)) == ahead.date()
    assert stored(session, leaves)["as_of"] == ahead.date()


@pytest.fixture
def api(server_env: dict[str, str]) -> Iterator[httpx.Client]:
    with running_api(server_env) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def test_history_over_rest(api: httpx.Client, session: Session) -> None:
    today = utc_now().date()
    body = {"name": "Acme", "email": "a@x.example", "segment": "smb", "arr": 10, "owner": "Ada"}
    body["created_at"] = f"{today - timedelta(days=200)}T00:00:00Z"
    customer_id = api.post("/api/customers", json=body).json()["id"]
    while drain(session, now=utc_now()):
        session.commit()
    url, whole = f"/api/customers/{customer_id}/health/history", "/api/dashboard/history"
    assert [len(api.get(path).json()) for path in (url, whole)] == [90, 90]
    ask = {"from": "2000-01-01", "to": "2999-12-31"}
    days = api.get(url, params=ask).json()
    assert len(days) == len(api.get(whole, params=ask).json()) == 201
    assert days[-1]["day"] == str(today)
    held = ("segment", "owner", "arr", "model", "model_version", "status")
    assert [days[-1][name] for name in held] == ["smb", "Ada", 10, "standard", 1, "no_data"]
    (one,) = api.get(whole, params={"from": str(today), "owner": "Ada", "segment": "smb"}).json()
    assert (one["customers"], one["by_status"]["no_data"], one["arr_at_risk"]) == (1, 1, 0)
    assert api.get(whole, params={"owner": "Bo"}).json() == []
    etag = api.get(url).headers["ETag"]
    assert api.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert api.get("/api/customers/99/health/history").status_code == 404
    for wrong in ({"from": "2026-05-02", "to": "2026-05-01"}, {"from": "x"}, {"to": "1999-01-01"}):
        for path in (url, whole):
            refused = api.get(path, params=wrong)
            assert (refused.status_code, refused.json()["status"]) == (422, 422), wrong
    for wrong in ({"segment": "none"}, {"owner": "\0"}):
        assert api.get(whole, params=wrong).status_code == 422
