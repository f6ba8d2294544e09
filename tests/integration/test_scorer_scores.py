"""What the scorer stores: current scores, their history, and who is left out."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DataError
from sqlmodel import Session

from db.queries import queue
from services import scorer
from services.health import customer_health
from services.rescore_tasks import HISTORY_DAYS
from services.scorer import drain
from tests.support.changing import activate, change
from tests.support.scoring_facts import (
    NOW,
    TODAY,
    add_activity,
    add_customer,
    add_invoice,
    add_ticket,
    ago,
    connect,
    moment,
    rescore,
    run,
    snapshots,
    stored,
    waiting,
)

pytestmark = pytest.mark.integration
CREATED = date(2024, 1, 1)


def assert_list_is_detail(session: Session, customer_id: int, now: Any = NOW) -> None:
    """The stored row says, to the last bit, what is calculated live."""
    row, live = (
        stored(session, customer_id),
        customer_health(session, customer_id=customer_id, now=now),
    )
    for name in ("overall_score", "status", "coverage", "trend_7d", "trend_30d", "model", "as_of"):
        assert row[name] == getattr(live, name), name
    assert row["factor_scores"] == {f.factor_name: f.score for f in live.factor_scores}
    assert waiting(session) == 0


def example_two(session: Session, *, invoices: bool = True) -> int:
    customer_id = add_customer(session, f"Two {invoices}")
    add_activity(session, customer_id, "api_call", ago(29), 300)
    add_activity(session, customer_id, "api_call", ago(0), 100)
    add_activity(session, customer_id, "api_error", ago(3), 40)
    for days in range(15):
        add_activity(session, customer_id, "login", ago(2 * days))
    for n in range(6):
        add_activity(session, customer_id, "feature_use", ago(80), 1, f"f{n}")
    for n, late in enumerate((0, -3, 0, 12) if invoices else ()):
        add_invoice(session, customer_id, ago(30 * (n + 1)), ago(30 * (n + 1) - late))
    for n, priority in enumerate(("medium", "medium", "high")):
        add_ticket(session, customer_id, moment(ago(5 + n)), priority)
    return customer_id


def test_worked_examples_two_and_three(session: Session) -> None:
    connect(session)
    two, three = example_two(session), example_two(session, invoices=False)
    rescore(session, (two, TODAY), (three, TODAY))
    row = stored(session, two)
    assert round(row["overall_score"], 2) == 78.05
    assert (row["status"], row["coverage"]) == ("healthy", 1.0)
    assert {name: round(score, 2) for name, score in row["factor_scores"].items()} == {
        "api_usage": 76,
        "login_frequency": 75,
        "payment_timeliness": 90,
        "feature_adoption": 75,
        "support_tickets": 65,
    }
    row = stored(session, three)
    assert round(row["overall_score"], 2) == 74.07
    assert (row["status"], row["coverage"]) == ("at_risk", 0.75)
    assert row["factor_scores"]["payment_timeliness"] is None
    for customer_id in (two, three):
        assert_list_is_detail(session, customer_id)


def test_worked_example_one_by_another_model(session: Session) -> None:
    connect(session)
    customer_id = add_customer(session)
    add_activity(session, customer_id, "login", ago(1), 10)
    for n in range(3):
        add_activity(session, customer_id, "feature_use", ago(2), 1, f"f{n}")
        add_ticket(session, customer_id, moment(ago(n)))
        add_invoice(session, customer_id, ago(10 + n), ago(20 if n else 5))
    add_ticket(session, customer_id, moment(ago(50)))
    add_activity(session, customer_id, "api_call", ago(29), 45)
    add_activity(session, customer_id, "api_call", ago(30), 70)
    rescore(session, (customer_id, ago(40)))
    live = customer_health(session, customer_id=customer_id, now=NOW, model="momentum")
    assert live.model_dump(mode="json")["overall_score"] == 56.83
    assert (live.status, live.model, live.model_version) == ("at_risk", "momentum", 1)
    assert {f.factor_name: round(f.score or 0, 2) for f in live.factor_scores} == {
        "login_frequency": 50,
        "feature_adoption": 60,
        "support_tickets": 60,
        "payment_timeliness": 66.67,
        "api_trend": 40,
    }
    # Snapshots are of the other model: nothing to compare with.
    assert (live.trend_7d, live.trend_30d) == (None, None)


def test_scores_decay_when_only_time_passes(session: Session) -> None:
    connect(session)
    customer_id = example_two(session)
    rescore(session, (customer_id, TODAY))
    before = stored(session, customer_id)
    later = NOW + timedelta(days=25)
    rescore(session, (None, later.date()), now=later)
    after = stored(session, customer_id)
    assert after["overall_score"] < before["overall_score"]
    assert after["as_of"] == later.date()
    assert after["trend_7d"] is not None
    assert_list_is_detail(session, customer_id, later)
    assert_list_is_detail(session, customer_id, later)


def test_missed_days_are_filled_as_of_each_day(session: Session) -> None:
    connect(session)
    customer_id = example_two(session)
    rescore(session, (customer_id, TODAY))
    later = NOW + timedelta(days=9)
    rescore(session, (None, later.date()), now=later)
    history = snapshots(session, customer_id)
    assert list(history) == [TODAY + timedelta(days=n) for n in range(10)]
    for day, snapshot in history.items():
        live = customer_health(session, customer_id=customer_id, now=later, as_of=day)
        assert snapshot["overall_score"] == live.overall_score
        assert snapshot["factor_scores"] == {f.factor_name: f.score for f in live.factor_scores}
        assert (snapshot["status"], snapshot["coverage"]) == (live.status, live.coverage)


def test_a_late_event_mends_the_snapshots_behind_it(session: Session) -> None:
    connect(session)
    customer_id, other = example_two(session), example_two(session, invoices=False)
    rescore(session, (None, ago(60)))
    before, others = snapshots(session, customer_id), snapshots(session, other)
    assert list(before) == [ago(n) for n in range(60, -1, -1)]
    change(session, customer_id, arr=5000)
    add_activity(session, customer_id, "feature_use", ago(20), 1, "late")
    rescore(session, (customer_id, ago(20)))
    after = snapshots(session, customer_id)
    for day in before:
        changed = after[day]["overall_score"] != before[day]["overall_score"]
        assert changed == (day >= ago(20)), day
        live = customer_health(session, customer_id=customer_id, now=NOW, as_of=day)
        assert after[day]["overall_score"] == live.overall_score
        assert after[day]["arr"] == (5000 if day == TODAY else 1000)
    assert snapshots(session, other) == others
    assert_list_is_detail(session, customer_id)
    assert stored(session, customer_id)["trend_30d"] is not None


def test_history_reaches_so_far_back_or_to_what_is_stored(session: Session) -> None:
    connect(session)
    customer_id = example_two(session)
    rescore(session, (customer_id, ago(700)))
    first = ago(HISTORY_DAYS - 1)
    assert min(snapshots(session, customer_id)) == first
    later = NOW + timedelta(days=30)
    rescore(session, (None, later.date()), now=later)
    run(session, "DELETE FROM daily_activity")
    rescore(session, (customer_id, ago(700)), now=later)
    history = snapshots(session, customer_id)
    assert min(history) == first
    assert {row["factor_scores"]["login_frequency"] for row in history.values()} == {0}


def test_no_score_before_day_0(session: Session) -> None:
    connect(session)
    young = add_customer(session, "young", created=ago(3))
    unborn = add_customer(session, "unborn", created=ago(-1))
    add_activity(session, young, "login", ago(5))
    rescore(session, (None, ago(50)))
    assert list(snapshots(session, young)) == [ago(n) for n in range(5, -1, -1)]
    assert snapshots(session, unborn) == {}
    row = stored(session, unborn)
    assert (row["status"], row["overall_score"], row["as_of"]) == ("no_data", None, TODAY)
    for customer_id in (young, unborn):
        assert_list_is_detail(session, customer_id)


def test_churned_customers_are_frozen_at_the_day_they_left(session: Session) -> None:
    connect(session)
    customer_id = example_two(session)
    rescore(session, (customer_id, ago(40)))
    at_the_time = snapshots(session, customer_id)[ago(10)]
    run(session, "UPDATE customer SET churned_at = :at", at=moment(ago(10)))
    add_activity(session, customer_id, "login", ago(2), 50)
    for now in (NOW, NOW + timedelta(days=40)):
        rescore(session, (customer_id, ago(2)), (None, now.date()), now=now)
        row = stored(session, customer_id)
        assert row["as_of"] == ago(10)
        assert row["overall_score"] == at_the_time["overall_score"]
        assert row["trend_30d"] == (
            row["overall_score"] - snapshots(session, customer_id)[ago(40)]["overall_score"]
        )
        assert max(snapshots(session, customer_id)) == ago(10)
        assert_list_is_detail(session, customer_id, now)
    live = customer_health(session, customer_id=customer_id, now=NOW, as_of=ago(1))
    assert live.as_of == ago(10)


def test_who_has_left_is_not_scored_again_while_only_time_passes(session: Session) -> None:
    gone, here = add_customer(session, "gone", churned=ago(10)), add_customer(session, "here")
    rescore(session, (None, ago(20)))
    marks = "SELECT xmin::text FROM customer WHERE id = :id"  # not even locked
    xmax = "SELECT xmax::text FROM customer WHERE id = :id"
    before = [run(session, sql, id=gone).scalar() for sql in (marks, xmax)]
    later = NOW + timedelta(days=2)
    rescore(session, (None, later.date()), now=later)
    assert [run(session, sql, id=gone).scalar() for sql in (marks, xmax)] == before
    assert stored(session, here)["as_of"] == later.date()
    activate(session, "momentum", later)
    rescore(session, (None, later.date()), now=later)
    assert [run(session, sql, id=gone).scalar() for sql in (marks, xmax)] == before
    assert stored(session, here)["model"] == "momentum"


def test_a_customer_that_comes_back_is_scored_for_the_days_between(session: Session) -> None:
    connect(session)
    customer_id = add_customer(session, churned=ago(10))
    rescore(session, (customer_id, ago(20)))
    run(session, "UPDATE customer SET churned_at = NULL")
    rescore(session, (customer_id, TODAY))
    assert list(snapshots(session, customer_id)) == [ago(n) for n in range(20, -1, -1)]
    assert_list_is_detail(session, customer_id)


def test_a_source_seen_for_the_first_time_rescores_everybody(session: Session) -> None:
    connect(session, CREATED, "login", "api_call")
    with_it, without = example_two(session), add_customer(session, "without")
    add_activity(session, without, "login", ago(1), 20)
    add_activity(session, without, "api_call", ago(1), 400)
    rescore(session, (None, ago(30)))
    before = stored(session, without)
    assert before["factor_scores"]["feature_adoption"] is None
    connect(session, ago(5), "feature_use")
    rescore(session, (None, ago(5)))
    after, history = stored(session, without), snapshots(session, without)
    assert after["factor_scores"]["feature_adoption"] == 0
    assert after["overall_score"] < before["overall_score"]
    assert history[ago(5)]["factor_scores"]["feature_adoption"] == 0
    assert history[ago(6)]["factor_scores"]["feature_adoption"] is None
    for customer_id in (with_it, without):
        assert_list_is_detail(session, customer_id)


def test_trends_compare_only_with_the_same_model_and_version(session: Session) -> None:
    connect(session)
    customer_id = example_two(session)
    rescore(session, (customer_id, ago(40)))
    assert stored(session, customer_id)["trend_7d"] is not None
    run(session, "UPDATE health_snapshot SET model = 'other' WHERE day = :d", d=ago(7))
    run(session, "UPDATE health_snapshot SET model_version = 2 WHERE day = :d", d=ago(30))
    rescore(session, (customer_id, TODAY))
    row = stored(session, customer_id)
    assert (row["trend_7d"], row["trend_30d"]) == (None, None)
    assert_list_is_detail(session, customer_id)


def test_a_row_is_written_only_when_it_says_something_new(session: Session) -> None:
    connect(session)
    customer_id = example_two(session)
    rescore(session, (customer_id, ago(3)))
    run(session, "UPDATE customer_health SET trend_7d = 1")
    marks = "SELECT xmin::text FROM health_snapshot ORDER BY day"
    before = run(session, marks).scalars().all()
    rescore(session, (None, ago(3)), now=NOW + timedelta(hours=1))
    assert run(session, marks).scalars().all() == before
    assert stored(session, customer_id)["calculated_at"] == NOW + timedelta(hours=1)
    rescore(session, (None, ago(3)), now=NOW + timedelta(hours=2))
    assert stored(session, customer_id)["calculated_at"] == NOW + timedelta(hours=1)


def test_last_activity_is_that_of_any_event(session: Session) -> None:
    customer_id = add_customer(session)
    add_activity(session, customer_id, "login", ago(8))
    add_ticket(session, customer_id, moment(ago(4)))
    rescore(session, (customer_id, TODAY))
    assert stored(session, customer_id)["last_activity_at"] == moment(ago(4))


def test_chunks_and_transactions_of_any_size_give_the_same_scores(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(session)
    ids = [example_two(session)] + [add_customer(session, f"c{n}") for n in range(6)]
    rescore(session, (None, ago(20)))
    whole = [snapshots(session, customer_id) for customer_id in ids]
    current = [stored(session, customer_id) for customer_id in ids]
    run(session, "DELETE FROM health_snapshot")
    run(session, "UPDATE customer_health SET as_of = NULL, overall_score = NULL, trend_7d = NULL")
    monkeypatch.setattr(scorer, "CHUNK", 25)
    queue.enqueue_everybody(session, day=ago(20))
    batches = 0
    while drain(session, now=NOW, limit=60):
        batches += 1
        session.commit()
    assert batches > 1
    assert [snapshots(session, customer_id) for customer_id in ids] == whole
    assert [stored(session, customer_id) for customer_id in ids] == current


def test_who_has_no_score_yet_waits_for_the_current_one_only(session: Session) -> None:
    connect(session)
    ids = [add_customer(session, f"c{n}") for n in range(4)]
    queue.enqueue(session, entries=[(customer_id, ago(30)) for customer_id in ids])
    assert drain(session, now=NOW, limit=40) == 4
    assert [len(snapshots(session, customer_id)) for customer_id in ids] == [31, 31, 1, 1]
    assert {stored(session, customer_id)["as_of"] for customer_id in ids} == {TODAY}
    rescore(session)
    assert {len(snapshots(session, customer_id)) for customer_id in ids} == {31}


def test_everybodys_current_score_does_not_wait_for_a_long_history(session: Session) -> None:
    connect(session)
    ids = [add_customer(session, f"c{n}") for n in range(6)]
    rescore(session, *((customer_id, TODAY) for customer_id in ids))

    def days_after_a_drain() -> list[int]:
        drain(session, now=NOW, limit=45)
        session.commit()
        return [len(snapshots(session, customer_id)) for customer_id in ids]

    queue.enqueue_everybody(session, day=ago(20))
    assert days_after_a_drain() == [21, 21, 1, 1, 1, 1]
    activate(session, "momentum", NOW)
    queue.enqueue_everybody(session, day=TODAY)
    assert days_after_a_drain() == [21, 21, 1, 1, 1, 1]
    assert {stored(session, customer_id)["model"] for customer_id in ids} == {"momentum"}
    assert days_after_a_drain() == [21, 21, 21, 21, 1, 1], "it goes on where it was"
    rescore(session)
    assert {len(snapshots(session, customer_id)) for customer_id in ids} == {21}


def test_entries_of_erased_customers_leave_no_orphan(session: Session) -> None:
    customer_id = add_customer(session)
    rescore(session, (customer_id, TODAY))
    for table in ("customer", "customer_health", "health_snapshot"):
        run(session, f"DELETE FROM {table}")
    rescore(session, (customer_id, TODAY))
    assert snapshots(session, customer_id) == {}
    assert waiting(session) == 0


def test_one_customer_that_cannot_be_scored_stops_nobody_else(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    connect(session)
    ids = [add_customer(session, f"c{n}") for n in range(7)]
    bad = ids[4]
    for days in (1, 2):  # their sum is beyond what a signal can hold
        add_activity(session, bad, "login", ago(days), 2**63 - 1)
    rescore(session, (None, ago(3)))
    for customer_id in ids:
        scored = customer_id != bad
        assert (stored(session, customer_id)["as_of"] == TODAY) == scored
        assert len(snapshots(session, customer_id)) == (4 if scored else 0)
    assert [record.exc_info is not None for record in caplog.records] == [True]
    assert f"customer {bad} can't be scored" in caplog.text
    left = run(session, "SELECT customer_id, day FROM rescore_queue").all()
    assert left == [(bad, ago(3))]

    run(session, "UPDATE daily_activity SET n = 1")
    assert drain(session, now=NOW) == 0  # put off
    run(session, "UPDATE rescore_queue SET queued_at = now()")
    rescore(session)
    assert list(snapshots(session, bad)) == [ago(n) for n in (3, 2, 1, 0)]
    assert_list_is_detail(session, bad)


def test_when_nobody_can_be_scored_the_queue_stays_as_it_is(session: Session) -> None:
    for n in range(30):
        customer_id = add_customer(session, f"c{n}")
        for days in (1, 2):
            add_activity(session, customer_id, "login", ago(days), 2**63 - 1)
    queue.enqueue_everybody(session, day=TODAY)
    session.commit()
    with pytest.raises(DataError, match="out of range"):
        drain(session, now=NOW)
    session.rollback()
    assert run(session, "SELECT customer_id, day FROM rescore_queue").all() == [(None, TODAY)]
