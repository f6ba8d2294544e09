"""Demo data: as good as live events, the same every time, all of it or nothing."""

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from db.queries import bulk_load
from db.session import write
from scoring.engine import score
from scoring.losses import losses
from services import demo, signals
from services.demo.leaving import share
from services.demo.personas import PERSONAS, assign
from services.event_content import canonical_json, content_hash
from services.events import EVENT_ADAPTER
from services.leader import start_scorer
from services.scoring_models import active_model
from tests.support.actors import TESTER
from tests.support.recording import record_batch
from tests.support.recount import assert_agrees

pytestmark = pytest.mark.integration

AS_OF = date(2026, 5, 4)
TABLES = {
    "customer": "id",
    "event": "customer_id, event_id",
    "daily_activity": "customer_id, day, signal, key",
    "last_seen": "customer_id, kind, name",
    "support_ticket": "customer_id, ticket_id",
    "invoice": "customer_id, invoice_id",
    "connected_source": "signal",
    "health_snapshot": "customer_id, day",
}


def load(engine: Engine, customers: int = 12, days: int = 60, seed: int = 1) -> int:
    return write(
        lambda session: demo.load(
            session, by=TESTER, customers=customers, days=days, seed=seed, as_of=AS_OF
        ),
        engine=engine,
    )


def everything(session: Session) -> dict[str, list[Any]]:
    try:
        return {
            table: [tuple(row) for row in rows(session, f"SELECT * FROM {table} ORDER BY {key}")]
            for table, key in TABLES.items()
        }
    finally:
        session.rollback()  # a reader's open transaction would keep TRUNCATE waiting


def rows(session: Session, query: str) -> list[Any]:
    return list(session.connection().execute(text(query)).all())


def test_projections_equal_a_recount_of_the_events(engine: Engine, session: Session) -> None:
    assert load(engine) == rows(session, "SELECT count(*) FROM event")[0][0] > 1000
    assert_agrees(session)


def test_stored_events_are_what_live_ingestion_would_store(
    engine: Engine, session: Session
) -> None:
    load(engine)
    for event in rows(session, "SELECT * FROM event"):
        data = json.loads(json.dumps(event.data))
        EVENT_ADAPTER.validate_python({"event_type": event.event_type, "event_data": data})
        stated = canonical_json(data)
        assert bytes(event.content_hash) == content_hash(event.event_type, stated)
        assert event.received_at == event.occurred_at
        assert event.occurred_at.date() < AS_OF


def test_repeating_a_demo_event_over_the_live_path_is_a_duplicate(
    engine: Engine, session: Session
) -> None:
    load(engine, customers=2, days=20)
    stored = rows(session, "SELECT * FROM event")
    items = [
        (
            event.customer_id,
            {
                "event_type": event.event_type,
                "event_id": event.event_id,
                "event_data": event.data,
                "timestamp": event.occurred_at.isoformat(),
            },
        )
        for event in stored
    ]
    session.rollback()
    assert {verdict.status for verdict in record_batch(engine, items)} == {"duplicate"}


def test_ends_with_everybody_scored_and_all_their_days_of_snapshots(
    engine: Engine, session: Session
) -> None:
    load(engine, customers=40, days=60)
    assert rows(session, "SELECT * FROM rescore_queue") == []
    first = AS_OF - timedelta(days=59)
    for row in rows(
        session,
        """
        SELECT c.id, c.created_at, c.churned_at, h.as_of, min(s.day) AS first, max(s.day) AS last,
               count(s.day) AS days
        FROM customer c JOIN customer_health h ON h.customer_id = c.id
        LEFT JOIN health_snapshot s ON s.customer_id = c.id
        GROUP BY c.id, h.as_of
        """,
    ):
        last = row.churned_at.date() if row.churned_at else AS_OF
        assert row.as_of == row.last == last
        assert row.first == max(first, row.created_at.date())
        assert row.days == (row.last - row.first).days + 1


def test_the_same_arguments_give_the_same_data_and_another_seed_other_data(
    engine: Engine, session: Session
) -> None:
    load(engine)
    first = everything(session)
    for seed in (1, 2):
        write(lambda s: bulk_load.drop_all_data(s), engine=engine)
        load(engine, seed=seed)
        assert (everything(session) == first) is (seed == 1)


def test_does_nothing_when_there_is_a_customer(engine: Engine, session: Session) -> None:
    load(engine, customers=3)
    before = everything(session)
    assert load(engine, customers=10, seed=5) == 0
    assert everything(session) == before


def test_a_load_that_breaks_leaves_nothing(engine: Engine, session: Session) -> None:
    def break_while_scoring(done: float, _what: str) -> None:
        if done > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(
            lambda s: demo.load(
                s, by=TESTER, customers=20, days=150, as_of=AS_OF, progress=break_while_scoring
            ),
            engine=engine,
        )
    assert not any(everything(session).values())


def test_progress_rises_to_one(engine: Engine) -> None:
    told: list[float] = []
    write(
        lambda s: demo.load(
            s, by=TESTER, customers=20, days=150, as_of=AS_OF, progress=lambda d, _w: told.append(d)
        ),
        engine=engine,
    )
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert len(told) >= 4


def test_loads_beside_a_working_scorer(engine: Engine, session: Session) -> None:
    scorer = start_scorer()
    try:
        for _ in range(3):
            write(lambda s: bulk_load.drop_all_data(s), engine=engine)
            assert load(engine, customers=6, days=30) > 0
    finally:
        scorer.stop()
    assert_agrees(session)


def test_generated_in_chunks_of_customers(
    engine: Engine, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.demo.loader.CHUNK", 5)
    load(engine, customers=12)
    assert_agrees(session)
    assert rows(session, "SELECT count(DISTINCT customer_id) FROM event")[0][0] >= 11


def test_a_text_that_would_break_the_rows_is_refused(session: Session) -> None:
    for text_ in ("a\tb", "a\nb"):
        with pytest.raises(ValueError, match="tab or a line break"):
            bulk_load.copy(
                session,
                table="connected_source",
                columns={"signal": [text_], "first_day": ["2026-01-01"]},
            )


def test_the_default_tells_each_personas_story(engine: Engine, session: Session) -> None:
    """80 customers over 18 months and the windows before: scores that fit the personas."""
    events = load(engine, customers=80, days=demo.DAYS)
    assert 120_000 <= events <= 240_000
    slots = assign(80, share(demo.DAYS), np.random.default_rng(1))
    health = rows(session, "SELECT * FROM customer_health ORDER BY customer_id")
    current = [row for row in health if row.churned_at is None]
    statuses = Counter(row.status for row in current)
    shares = {status: statuses[status] / len(current) for status in statuses}
    assert 0.50 <= shares["healthy"] <= 0.67
    assert 0.22 <= shares["at_risk"] <= 0.33
    assert 0.05 <= shares["critical"] <= 0.15
    assert 1 <= statuses["no_data"] <= 3

    def mean(persona: str, value: Any) -> float:
        chosen = [
            value(row) for row, p in zip(health, slots, strict=True) if p and p.name == persona
        ]
        known = [number for number in chosen if number is not None]
        assert known, persona
        return float(np.mean(known))

    def factor(name: str) -> Any:
        return lambda row: row.factor_scores[name]

    def overall(row: Any) -> Any:
        return row.overall_score

    def trend(row: Any) -> Any:
        return row.trend_30d

    assert mean("thriving", overall) > 93 > mean("steady", overall) > 78
    assert mean("declining", trend) < -8 < 8 < mean("reviving", trend)
    assert mean("slow_payer", factor("payment_timeliness")) < 45
    assert mean("ticket_heavy", factor("support_tickets")) < 15
    assert mean("quiet", factor("login_frequency")) < 35
    assert mean("quiet", factor("payment_timeliness")) > 85
    assert [row.churned_at is not None for row in health] == [slot is None for slot in slots]
    # A validation must find something, and not everything: some leave although they are healthy.
    gone = [row for row in health if row.churned_at]
    last_status = Counter(row.status for row in gone)
    assert 15 <= len(gone) <= 25
    assert last_status["healthy"] >= 2
    assert last_status["healthy"] / len(gone) < 0.4 < shares["healthy"]
    assert len({row.owner for row in current}) in range(4, 7)
    assert len({row.name for row in health}) == 80
    assert any(row.renewal_date <= AS_OF + timedelta(days=60) for row in current)
    assert all(AS_OF <= row.renewal_date <= AS_OF + timedelta(days=366) for row in current)
    assert {row.segment for row in current} == {"startup", "smb", "enterprise"}


@pytest.mark.parametrize("day", [AS_OF, date(2026, 11, 21), date(2026, 11, 24), date(2027, 1, 15)])
def test_the_lowest_scores_tell_different_stories(session: Session, day: date) -> None:
    """Whatever the day: what a newcomer sees first must not be one story told five times."""
    demo.load(session, by=TESTER, customers=80, as_of=day, score=False)
    model, _ = active_model(session)
    current = rows(session, "SELECT id FROM customer WHERE churned_at IS NULL")
    ids = [row.id for row in current]
    facts = signals.load_day(session, customer_ids=ids, day=day, model=model, today=day)
    scores = score(signals.table(facts), model)
    share = scores["status"].value_counts(normalize=True)
    assert 0.55 <= share["healthy"] <= 0.67
    assert 0.22 <= share["at_risk"] <= 0.34
    assert 0.05 <= share["critical"] <= 0.13
    assert (scores["status"] == "no_data").sum() == 2
    columns = {f"score_{name}": name for name in model.factors}
    lowest = scores.nsmallest(5, "overall_score")[list(columns)].rename(columns=columns)
    known: list[dict[Any, Any]] = lowest.to_dict("records")
    causes = [losses(factors, model)[0].factor_name for factors in known]
    assert len(set(causes)) >= 3


def test_weekends_are_quieter_most_of_all_at_enterprises(engine: Engine, session: Session) -> None:
    load(engine, customers=80, days=90)
    quietness = {
        row.segment: row.weekend / row.total
        for row in rows(
            session,
            """
            SELECT c.segment, sum(a.n) FILTER (WHERE extract(isodow FROM a.day) > 5) AS weekend,
                   sum(a.n) AS total
            FROM daily_activity a JOIN customer c ON c.id = a.customer_id
            WHERE a.signal = 2 GROUP BY 1
            """,
        )
    }
    assert quietness["enterprise"] < quietness["smb"] < quietness["startup"] < 2 / 7


@pytest.mark.parametrize("customers", [1, 2, 7, 80, 501])
def test_personas_keep_their_shares(customers: int) -> None:
    slots = assign(customers, 0.25, np.random.default_rng(4))
    assigned = Counter(slot.name for slot in slots if slot)
    assert len(slots) == customers
    assert abs(assigned.total() - 0.75 * customers) <= 0.5
    for persona in PERSONAS:
        assert abs(assigned[persona.name] - persona.share * assigned.total()) < 1
    assert sum(persona.share for persona in PERSONAS) == pytest.approx(1)
