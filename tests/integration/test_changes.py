"""Why a score changed: exact over random streams, models and segments; told by the API."""

from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from db.queries import scoring_models
from db.session import read
from services.change_views import ScoreChanges
from services.changes import customer_changes, movers
from services.clock import utc_now
from services.customer_input import CustomerPatch
from services.customers import patch
from services.errors import InvalidInput, UnknownCustomer
from services.health import customer_health
from services.scoring_models import model_on
from tests.api_server import running_api
from tests.app.arrange import worked_example
from tests.support.actors import TESTER
from tests.support.customers import add_customers
from tests.support.recording import record_batch
from tests.support.scoring_facts import NOW as TODAY_NOON
from tests.support.scoring_facts import add_activity, add_customer, ago, connect, rescore
from tests.support.streams import NOW, stream

pytestmark = pytest.mark.integration
TODAY = NOW.date()


@pytest.fixture
def lived(engine: Engine, session: Session) -> int:
    """A customer with a stream of events; its model and its segment changed on the way."""
    (customer_id,) = add_customers(session, 1)
    record_batch(engine, stream(5, customers=[customer_id], length=250))
    for name, days in (("momentum", 25), ("standard", 10)):
        at = NOW - timedelta(days=days)
        scoring_models.activate(session, name=name, version=1, actor="t", reason="", now=at)
    for segment, days in (("enterprise", 18), ("startup", 4)):
        patch(
            session,
            by=TESTER,
            customer_id=customer_id,
            changes=CustomerPatch(segment=segment),
            now=NOW - timedelta(days=days),
        )
    session.commit()
    return customer_id


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 75), st.integers(0, 75))
def test_the_parts_add_up_between_any_two_days(lived: int, one: int, other: int) -> None:
    start, end = (TODAY - timedelta(days=days) for days in sorted((one, other), reverse=True))
    with read() as session:
        found = customer_changes(session, customer_id=lived, now=NOW, start=start, end=end)
        for day, score in ((start, found.score_from), (end, found.score_to)):
            model, _ = model_on(session, day, NOW)
            live = customer_health(session, customer_id=lived, now=NOW, as_of=day, model=model.name)
            assert live.overall_score == score
    if found.score_from is None or found.score_to is None:
        assert (found.delta, found.parts) == (None, [])
    else:
        assert found.delta == found.score_to - found.score_from
        assert abs(sum(part.delta for part in found.parts) - found.delta) <= 1e-9
    assert (found.start, found.end) == (start, end)


def between(customer_id: int, first: int, last: int) -> ScoreChanges:
    """From so many days ago to so many days ago."""
    with read() as session:
        return customer_changes(
            session, customer_id=customer_id, now=TODAY_NOON, start=ago(first), end=ago(last)
        )


@pytest.fixture
def quiet(engine: Engine, session: Session) -> int:
    """Logs in daily until it stops 15 days ago."""
    connect(session)
    customer_id = add_customer(session)
    for days in range(15, 60):
        add_activity(session, customer_id, "login", ago(days))
    session.commit()
    return customer_id


def test_it_is_told_in_sentences_with_the_numbers_behind_it(quiet: int) -> None:
    found = between(quiet, 15, 0)
    assert [part.summary for part in found.parts] == ["Logins fell from 30 to 15 in 30 days: −6.7."]


def test_the_days_are_checked(quiet: int) -> None:
    for first, last, field in ((3, 4, "from"), (3, -1, "to")):
        with pytest.raises(InvalidInput) as caught:
            between(quiet, first, last)
        assert caught.value.field == (field,)
    with pytest.raises(UnknownCustomer):
        between(quiet + 1, 3, 1)


def test_before_day_0_there_is_no_score_and_no_part(quiet: int) -> None:
    found = between(quiet, 2_000, 0)
    assert (found.score_from, found.delta, found.parts) == (None, None, [])


def test_who_has_left_ends_on_the_day_it_left(session: Session, engine: Engine) -> None:
    connect(session)
    customer_id = add_customer(session, churned=ago(20))
    for days in range(30, 60):
        add_activity(session, customer_id, "login", ago(days))
    session.commit()
    found = between(customer_id, 40, 0)
    assert (found.start, found.end) == (ago(40), ago(20))
    assert found.delta is not None
    assert (between(customer_id, 3, 0).start, between(customer_id, 3, 0).parts) == (ago(20), [])


def test_movers_are_those_that_moved_most_each_with_its_reason(
    session: Session,
    engine: Engine,
) -> None:
    connect(session)
    lasting = {"still": range(60), "gone": range(12, 60), "slower": range(0, 60, 2)}
    ids = {}
    for name, days in lasting.items():
        ids[name] = add_customer(session, name)
        for day in days:
            add_activity(session, ids[name], "api_call", ago(day), 100 if name != "slower" else 9)
            add_activity(session, ids[name], "login", ago(day))
    for day in range(4):
        add_activity(session, ids["slower"], "login", ago(day), 3)
    left = add_customer(session, "left", churned=ago(3))
    add_activity(session, left, "login", ago(20), 100)
    rescore(session, *((customer_id, ago(30)) for customer_id in (*ids.values(), left)))

    with read() as reading:
        found = movers(reading, now=TODAY_NOON, days=7, limit=10)
    assert [mover.customer_name for mover in found] == ["slower", "gone"]
    assert [mover.delta > 0 for mover in found] == [True, False]
    for mover in found:
        assert mover.reason is not None
        live = between(mover.customer_id, 7, 0)
        assert (mover.score_from, mover.score_to) == (live.score_from, live.score_to)
        assert mover.reason == live.reason
        assert mover.reason.delta * mover.delta > 0
    with read() as reading:
        assert len(movers(reading, now=TODAY_NOON, days=7, limit=1)) == 1


@pytest.fixture
def api(server_env: dict[str, str]) -> Iterator[httpx.Client]:
    with running_api(server_env) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def test_the_api_tells_it_unrounded(session: Session, engine: Engine, api: httpx.Client) -> None:
    customer_id = worked_example(session)
    answer = api.get(f"/api/customers/{customer_id}/health/changes").raise_for_status().json()
    today = utc_now().date()
    assert answer["to"] == today.isoformat()
    assert date.fromisoformat(answer["from"]) == today - timedelta(days=7)
    kinds = {part["kind"] for part in answer["parts"]}
    assert kinds == {"coverage", "factor"}, "features and calls were connected on the way"
    total = sum(part["delta"] for part in answer["parts"])
    assert abs(total - answer["delta"]) <= 1e-9
    assert answer["delta"] == answer["score_to"] - answer["score_from"]
    wrong = {"from": "2026-13-01"}, {"to": "2999-01-01"}, {"from": "2026-02-01", "to": "2026-01-01"}
    for parameters in wrong:
        refused = api.get(f"/api/customers/{customer_id}/health/changes", params=parameters)
        assert refused.status_code == 422, refused.text
    assert api.get("/api/customers/999999/health/changes").status_code == 404
    for days in (0, 91):
        assert api.get("/api/dashboard/movers", params={"days": days}).status_code == 422
    assert api.get("/api/dashboard/movers").raise_for_status().json() == []
