"""As known then: what a database would have said that had received nothing since."""

import csv
import json
import math
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import URL, Engine, make_url
from sqlmodel import Session

from db.embedded import EmbeddedServer
from db.engine import make_engine
from scoring.engine import score_columns
from services import signals
from services.imports import inspect, run_import
from services.scoring_models import model_by_name
from tests.support import recount
from tests.support.actors import TESTER
from tests.support.customers import add_customers
from tests.support.databases import fresh_database
from tests.support.recording import record, record_batch
from tests.support.scoring_facts import run
from tests.support.streams import NOW, Item, stream

pytestmark = pytest.mark.integration

TODAY = NOW.date() + timedelta(days=1)
CREATED = (date(2026, 1, 1), date(2026, 5, 20), date(2026, 6, 10))

Arrival = tuple[datetime, Item]


@pytest.fixture(autouse=True)
def _ask_peers_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.peers.PATIENCE", 0)


def arrivals(seed: int, customers: list[int], length: int) -> list[Arrival]:
    """Events with the times of their receipt: on their day, days after it or just before."""
    chance = random.Random(seed)
    found = []
    for item in stream(seed, customers=customers, length=length):
        happened = datetime.fromisoformat(item[1]["timestamp"]).astimezone(UTC)
        days = timedelta(chance.choice([-1, 0, 0, 0, 0, 0, 1, 2, 5, 15, 40]))
        received = datetime.combine(happened.date() + days, time(12), UTC)
        if happened - received > timedelta(hours=24):
            received += timedelta(days=1)
        found.append((min(received, NOW), item))
    return found


def arrange(session: Session) -> list[int]:
    """Customers of which some were active before they were created."""
    ids = add_customers(session, len(CREATED))
    for customer_id, day in zip(ids, CREATED, strict=True):
        run(
            session, "UPDATE customer SET created_at = :day WHERE id = :id", day=day, id=customer_id
        )
    session.commit()
    return ids


def told(session: Session, ids: list[int], day: date, known_on: date | None = None) -> Any:
    """Every signal, number to explain and score as of the day."""
    session.rollback()
    found = {}
    for name in ("standard", "momentum"):
        model, _ = model_by_name(session, name)
        columns = signals.load_day(
            session,
            customer_ids=ids,
            day=day,
            model=model,
            today=TODAY,
            details=True,
            known_on=known_on,
        )
        # How long before its first day a customer has no score makes no difference.
        shown = {**columns, "age_days": np.maximum(columns["age_days"], -1)}
        for column, values in {**shown, **score_columns(columns, model)}.items():
            found[name, column] = [_comparable(value) for value in values.tolist()]
    return found


def _comparable(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def import_all(path: Path, arriving: list[Arrival], chance: random.Random) -> None:
    """In any order; the second file moves no source's first days, and goes the quick way."""
    firsts: dict[tuple[str, int], Arrival] = {}
    for arrival in arriving:
        received, (_, event) = arrival
        happened = datetime.fromisoformat(event["timestamp"])
        for number, moment in enumerate((happened, max(happened, received))):
            key = event["event_type"], number
            if key not in firsts or moment < firsts[key][0]:
                firsts[key] = (moment, arrival[1])
    ids = {event["event_id"] for _, (_, event) in firsts.values()}
    for wanted in (True, False):
        part = [arrival for arrival in arriving if (arrival[1][1]["event_id"] in ids) is wanted]
        import_file(path, chance.sample(part, len(part)))


def import_file(path: Path, arriving: list[Arrival]) -> None:
    """With a column `received_at`."""
    fields = ("customer_id", "event_type", "timestamp", "event_id", "event_data", "received_at")
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(fields)
        for received, (customer_id, event) in arriving:
            data = json.dumps(event["event_data"])
            rest = [event[name] for name in ("event_type", "timestamp", "event_id")]
            writer.writerow([customer_id, *rest, data, received.isoformat()])
    mapping = inspect(path, "events").mapping
    result = run_import(
        path, by=TESTER, kind="events", mapping=mapping, rejected_path=path.with_suffix(".no")
    )
    assert result.accepted == len(arriving)


@pytest.mark.parametrize("seed", [1, 2])
def test_it_equals_what_was_told_then_whatever_came_since_and_in_whichever_order(
    seed: int,
    engine: Engine,
    database_server: EmbeddedServer,
    template_database: URL,
    tmp_path: Path,
) -> None:
    with Session(engine) as session:
        ids = arrange(session)
    arriving = arrivals(seed, ids, 220)
    days = sorted({received.date() for received, _ in arriving})
    with fresh_database(database_server, template_database) as url:
        live = make_engine(make_url(url))
        with Session(live) as session:
            assert arrange(session) == ids
            then = {}
            for day in days:
                today = [arrival for arrival in arriving if arrival[0].date() == day]
                record_batch(live, [item for _, item in today[::2]], now=today[0][0])
                record_batch(live, [item for _, item in today[1::2]], now=today[0][0])
                then[day] = told(session, ids, day)
            recount.assert_agrees(session)
            for day in days:
                assert told(session, ids, day, known_on=day) == then[day], day
            corrected = {day: told(session, ids, day) for day in days}
            assert sum(corrected[day] != then[day] for day in days) > len(days) / 2
        live.dispose()
    import_all(tmp_path / "events.csv", arriving, random.Random(seed))
    with Session(engine) as session:
        recount.assert_agrees(session)
        for day in days:
            assert told(session, ids, day) == corrected[day], day
            assert told(session, ids, day, known_on=day) == then[day], day


def test_it_agrees_with_as_corrected_where_nothing_came_late(
    engine: Engine, session: Session
) -> None:
    ids = arrange(session)
    for _, (customer_id, event) in arrivals(3, ids, 120):
        if event["event_type"] in {"login", "api_call", "feature_use"}:
            moment = datetime.fromisoformat(event["timestamp"])
            record_batch(engine, [(customer_id, event)], now=moment)
    for day in (NOW.date() - timedelta(days=n) for n in range(0, 60, 7)):
        assert told(session, ids, day, known_on=day) == told(session, ids, day)


def test_what_comes_in_behind_late_events_is_known_from_its_own_day(
    engine: Engine, session: Session
) -> None:
    (customer_id,) = add_customers(session, 1)
    for days, received in ((40, 20), (30, 30), (35, 25), (35, 35)):
        happened = (NOW - timedelta(days=days)).isoformat()
        at = NOW - timedelta(days=received)
        record(engine, customer_id, "login", now=at, timestamp=happened)
        recount.assert_agrees(session)


def test_a_repeat_keeps_the_first_receipt(engine: Engine, session: Session) -> None:
    (customer_id,) = add_customers(session, 1)
    event = {"event_id": "e", "timestamp": "2026-06-10T10:00:00Z"}
    record(engine, customer_id, "login", now=datetime(2026, 6, 12, 9, tzinfo=UTC), **event)
    record(engine, customer_id, "login", now=datetime(2026, 6, 14, 9, tzinfo=UTC), **event)
    (row,) = run(session, "SELECT day::text, received_day::text, n FROM late_activity")
    assert tuple(row) == ("2026-06-10", "2026-06-12", 1)


def test_only_the_day_itself_can_be_the_day_that_it_was_known_on(session: Session) -> None:
    model, _ = model_by_name(session, "standard")
    day = date(2026, 6, 1)
    with pytest.raises(ValueError, match="known on that day"):
        signals.load_day(
            session, customer_ids=[1], day=day, model=model, today=TODAY, known_on=TODAY
        )
