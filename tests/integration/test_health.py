"""A customer's live score: as of any day, by any published model, explained."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from db.session import read
from services.errors import InvalidInput, UnknownCustomer, UnknownModel
from services.health import customer_health, explain_many
from tests.support.scoring_facts import (
    NOW,
    TODAY,
    add_activity,
    add_customer,
    ago,
    connect,
    rescore,
    run,
)

pytestmark = pytest.mark.integration


def busy_customer(session: Session, name: str = "Acme") -> int:
    customer_id = add_customer(session, name)
    for days in range(0, 60, 3):
        add_activity(session, customer_id, "login", ago(days))
        add_activity(session, customer_id, "api_call", ago(days), 10 + days)
    return customer_id


def test_it_is_exact_without_any_scorer_and_writes_nothing(engine: Engine) -> None:
    with Session(engine) as session:
        connect(session)
        customer_id = busy_customer(session)
        session.commit()
    with read() as session:  # PostgreSQL refuses any write here
        live = customer_health(session, customer_id=customer_id, now=NOW)
    assert (live.customer_id, live.customer_name, live.segment) == (customer_id, "Acme", "smb")
    assert (live.as_of, live.calculated_at) == (TODAY, NOW)
    assert (live.model, live.model_version) == ("standard", 1)
    logins = next(f for f in live.factor_scores if f.factor_name == "login_frequency")
    assert logins.score == 50
    assert logins.summary
    assert logins.recommendation in live.recommendations
    total = sum(f.contribution for f in live.factor_scores)
    assert total == pytest.approx(live.overall_score)


def test_the_costliest_factor_is_advised_on_first(session: Session) -> None:
    connect(session)
    live = customer_health(session, customer_id=busy_customer(session), now=NOW)
    advised = [f for f in live.factor_scores if f.recommendation]
    costs = {f.recommendation: (100 - (f.score or 0)) * f.effective_weight for f in advised}
    assert len(live.recommendations) == len(advised) > 1
    order = [costs[text] for text in live.recommendations]
    assert order == sorted(order, reverse=True)


def test_trends_compare_with_snapshots_of_the_same_model_and_version(session: Session) -> None:
    connect(session)
    customer_id = busy_customer(session)
    rescore(session, (customer_id, ago(30)))
    live = customer_health(session, customer_id=customer_id, now=NOW)
    assert live.overall_score is not None
    for trend, days in ((live.trend_7d, 7), (live.trend_30d, 30)):
        then = customer_health(session, customer_id=customer_id, now=NOW, as_of=ago(days))
        assert then.overall_score is not None
        assert trend == live.overall_score - then.overall_score
    run(session, "UPDATE health_snapshot SET model_version = 2 WHERE day = :d", d=ago(7))
    run(session, "DELETE FROM health_snapshot WHERE day = :d", d=ago(30))
    live = customer_health(session, customer_id=customer_id, now=NOW)
    assert (live.trend_7d, live.trend_30d) == (None, None)


def test_what_has_no_answer_is_refused(session: Session) -> None:
    customer_id = busy_customer(session)
    with pytest.raises(InvalidInput) as caught:
        customer_health(session, customer_id=customer_id, now=NOW, as_of=ago(-1))
    assert caught.value.field == ("as_of",)
    with pytest.raises(UnknownModel):
        customer_health(session, customer_id=customer_id, now=NOW, model="nothing")
    for unknown in (customer_id + 1, 0, -1, 2**70):
        with pytest.raises(UnknownCustomer):
            customer_health(session, customer_id=unknown, now=NOW)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1, 1, 20), date(1900, 1, 1), date(2023, 1, 1)])
def test_before_day_0_there_is_no_score(session: Session, day: date) -> None:
    connect(session)
    live = customer_health(session, customer_id=busy_customer(session), now=NOW, as_of=day)
    assert (live.as_of, live.status, live.overall_score, live.coverage) == (day, "no_data", None, 0)
    assert {f.score for f in live.factor_scores} == {None}
    assert (live.trend_7d, live.trend_30d) == (None, None)


def test_many_are_explained_as_each_alone(session: Session) -> None:
    connect(session)
    ids = [busy_customer(session, f"c{n}") for n in range(3)]
    left = add_customer(session, "left", churned=ago(5))
    together = explain_many(session, customer_ids=[*ids, left, 999], now=NOW)
    assert list(together) == [*ids, left]
    for customer_id, health in together.items():
        assert health == customer_health(session, customer_id=customer_id, now=NOW)
    assert together[left].as_of == ago(5)
    assert explain_many(session, customer_ids=[], now=NOW) == {}
