"""Does the score predict churn: on a real database, by what was known then, and over REST."""

from collections.abc import Iterator
from threading import Event, Thread

import httpx
import numpy as np
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from db.queries import validation as queries
from services.clock import utc_day, utc_now
from services.scoring_models import model_by_name
from services.signals import load_day
from services.validation import kept
from services.validation.observations import Observations, observe
from services.validation.views import BusyError, Validation
from tests.api_server import running_api
from tests.support.churn import add_leaving_and_staying, days_ago, validated
from tests.support.recording import record
from tests.support.scoring_facts import NOW, TODAY
from tests.support.writers import until

pytestmark = pytest.mark.integration


def test_a_planted_perfect_predictor_is_found(session: Session) -> None:
    add_leaving_and_staying(session, leaving=14)
    found = validated(session)
    assert (found.score.auc.value, found.score.auc.low) == (1, 1)
    assert (found.score.average_precision.value, found.verdict) == (1, "predicts")
    assert found.customers_left >= 10
    assert found.score.caught is not None
    assert found.score.caught.share_caught == 1
    assert found.missed == []
    assert found.warnings is not None
    assert (found.warnings.never, found.warnings.longer) == (0, 14)


def test_too_few_that_left_are_said_to_be_too_few(session: Session) -> None:
    add_leaving_and_staying(session, leaving=3)
    found = validated(session)
    assert found.verdict == "too_few"
    assert found.sentence.startswith("Not enough churn to tell: only ")
    assert found.reliability is None


def test_with_nobody_left_and_with_nothing_at_all_it_says_so(session: Session) -> None:
    assert (validated(session).verdict, validated(session).rows) == ("no_churn", 0)
    add_leaving_and_staying(session, leaving=0)
    found = validated(session)
    assert found.verdict == "no_churn"
    assert found.score.auc.value is None
    assert found.rows > 0


def test_who_leaves_meanwhile_is_seen_at_once(session: Session) -> None:
    """What is kept for the next question never hides that somebody has left."""
    staying = add_leaving_and_staying(session, leaving=14)
    before = validated(session)
    assert validated(session) == before
    statement = text("UPDATE customer SET churned_at = :left WHERE id = :id")
    session.connection().execute(statement, {"left": days_ago(20), "id": staying[0]})
    session.commit()
    after = validated(session)
    assert after.customers_left == before.customers_left + 1
    assert [one.customer_id for one in after.missed] == [staying[0]]
    assert after.missed[0].days_warned == 0


def observed(session: Session) -> Observations:
    model, _ = model_by_name(session, "standard")
    lives = queries.lives(session, since=days_ago(400), until=days_ago(100), limit=1_000)
    return observe(
        session,
        lives=lives,
        days=[days_ago(130), days_ago(100)],
        model=model,
        today=TODAY,
        tell=lambda _done, _what: None,
    )


def test_what_came_in_later_does_not_change_an_observation(
    engine: Engine, session: Session
) -> None:
    customer_id = add_leaving_and_staying(session, leaving=5)[0]
    before = observed(session)
    session.rollback()
    happened = f"{days_ago(102)}T10:00:00Z"
    failures = {"endpoint": "/v1", "count": 100_000, "status_code": 500}
    record(engine, customer_id, "api_call", timestamp=happened, event_data=failures, now=NOW)
    record(engine, customer_id, "login", timestamp=happened, now=NOW)
    after = observed(session)
    for name in ("customer", "day", "score", "since_login", "login_trend"):
        assert np.array_equal(getattr(before, name), getattr(after, name), equal_nan=True), name
    model, _ = model_by_name(session, "standard")
    asked = {"customer_ids": [customer_id], "day": days_ago(100), "model": model, "today": TODAY}
    corrected = load_day(session, **asked)  # type: ignore[arg-type]
    assert corrected["api_errors_30d"].tolist() == [100_000]


def test_one_at_a_time_and_the_next_does_not_wait_for_ever(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PATIENCE", 0.05)
    inside, done = Event(), Event()

    def work() -> None:
        with kept.alone():
            inside.set()
            done.wait(30)

    other = Thread(target=work)
    other.start()
    try:
        assert inside.wait(30)
        with pytest.raises(BusyError):
            validated(session)
    finally:
        done.set()
        other.join()


def test_only_a_few_wait_so_that_connections_are_left() -> None:
    inside, done = Event(), Event()
    served = []

    def work() -> None:
        with kept.alone():
            served.append(1)
            inside.set()
            done.wait(kept.PATIENCE / 2)

    asking = [Thread(target=work) for _ in range(kept.IN_LINE)]
    for thread in asking:
        thread.start()
    try:
        assert inside.wait(30)
        until(lambda: kept._in_line._value == 0)  # to ask for a place would take one
        with pytest.raises(BusyError), kept.alone():
            pass
        assert len(served) == 1, "it was told at once"
    finally:
        done.set()
        for thread in asking:
            thread.join()
    assert len(served) == kept.IN_LINE
    with kept.alone():
        pass


@pytest.fixture
def api(server_env: dict[str, str]) -> Iterator[httpx.Client]:
    with running_api(server_env) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def test_over_rest(api: httpx.Client, session: Session) -> None:
    add_leaving_and_staying(session, leaving=14, today=utc_day(utc_now()))
    answer = api.get("/api/models/standard/validation?horizon=91&capacity=3&lead=5")
    assert answer.status_code == 200, answer.text
    found = Validation.model_validate(answer.json())
    assert (found.model, found.horizon, found.capacity, found.lead) == ("standard", 91, 3, 5)
    assert found.score.auc.value == 1
    assert api.get("/api/models/none/validation").status_code == 404
    for wrong in ("lead=-1", "horizon=29", "capacity=0", "horizon=1e3", "version=x"):
        assert api.get(f"/api/models/standard/validation?{wrong}").status_code == 422, wrong
