"""The portfolio's totals equal a recount at every moment, whoever changes what beside whom."""

import random
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from db.queries import totals
from db.session import read, write
from services import customers, dashboard
from services.customer_filters import CustomerFilters
from services.customer_input import CustomerIn, CustomerPatch
from services.distribution import score_distribution
from services.errors import UnknownCustomer
from tests.support.actors import TESTER
from tests.support.totals import drift

pytestmark = pytest.mark.integration

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TODAY = NOW.date()
SEGMENTS = ("startup", "smb", "enterprise")


def create(number: int, **values: Any) -> int:
    given = {"name": f"C{number}", "email": f"c{number}@x.example", "segment": "smb", "arr": 0.1}
    given |= {"created_at": "2026-01-01T00:00:00Z"} | values
    customer = CustomerIn.model_validate(given)
    return write(
        lambda session: customers.create(session, by=TESTER, customer=customer, now=NOW)
    ).id


def patch(customer_id: int, **values: Any) -> None:
    changes = CustomerPatch.model_validate(values)
    write(
        lambda session: customers.patch(
            session, by=TESTER, customer_id=customer_id, changes=changes, now=NOW
        )
    )


def score(session: Session, ids: list[int], value: float | None, days: int = 3) -> None:
    """New scores for these customers, today and on the days before, as a rescore stores them."""
    connection = session.connection()
    lock = text("SELECT FROM customer WHERE id = ANY(:ids) ORDER BY id FOR KEY SHARE")
    connection.execute(lock, {"ids": ids})
    first = [TODAY - timedelta(days=days)] * len(ids)
    totals.take_out(session, customer_ids=ids)
    totals.take_out_days(session, customer_ids=ids, first_days=first)
    status = "no_data" if value is None else "healthy" if value >= 72.5 else "critical"
    values = {"ids": ids, "score": value, "status": status, "first": first[0], "today": TODAY}
    connection.execute(
        text(
            "UPDATE customer_health SET overall_score = :score, status = :status"
            " WHERE customer_id = ANY(:ids)"
        ),
        values,
    )
    connection.execute(
        text(
            "INSERT INTO health_snapshot SELECT customer_id, day::date, :score, :status, 1, '{}',"
            " segment, arr, 'm', 1 FROM customer_health, generate_series(CAST(:first AS date),"
            " :today, '1 day') AS day WHERE customer_id = ANY(:ids) ORDER BY 1, 2"
            " ON CONFLICT (customer_id, day) DO UPDATE SET overall_score = :score, status = :status"
        ),
        values,
    )
    totals.put_in(session, customer_ids=ids, now=NOW)
    totals.put_in_days(session, customer_ids=ids, first_days=first)


def counted(now: datetime, churned: str = "false") -> int:
    with read() as session:
        filters = CustomerFilters(churned=churned)
        return customers.count_items(session, now=now, filters=filters).customers


def test_totals_follow_every_change(session: Session) -> None:
    one, two = create(1), create(2, segment="startup", arr=None)
    assert drift(session, now=NOW) == []
    write(lambda writer: score(writer, [one, two], 80.125))
    patch(one, segment="enterprise", arr=12.3456)
    patch(two, churned_at="2026-05-03T10:00:00Z")
    session.commit()
    assert drift(session, now=NOW) == []
    patch(two, churned_at=None)
    write(lambda writer: customers.delete(writer, by=TESTER, customer_id=one))
    session.commit()
    assert drift(session, now=NOW) == []
    stats = dashboard.stats(session, now=NOW)
    assert (stats.total_customers, stats.average_score, stats.arr_total) == (1, 80.125, 0)
    assert list(stats.by_segment) == ["startup"]


def test_a_last_day_that_comes_needs_no_write(session: Session) -> None:
    create(1)
    create(2, churned_at=(NOW + timedelta(hours=1)).isoformat())
    after = NOW + timedelta(hours=1)
    for compact in (False, True):
        if compact:
            write(fill_up)
        assert [counted(NOW), counted(NOW, "true"), counted(NOW, "any")] == [2, 0, 2]
        assert [counted(after), counted(after, "true"), counted(after, "any")] == [1, 1, 2]
        with read() as reader:
            assert dashboard.stats(reader, now=after).total_customers == 1


def fill_up(session: Session, now: datetime = NOW) -> None:
    """Changes that cancel each other until there is something to compact; and that."""
    rows = text(
        "INSERT INTO portfolio_{} ({keys}, customers, scored, score_sum, arr)"
        " SELECT {values}, 1 - 2 * (n % 2), 0, 0, 0 FROM generate_series(1, :n) AS n"
    )
    for table, keys, values in (
        ("now", "segment, status, churned_at", "'smb', 'healthy', 'infinity'"),
        ("day", "day, status", "DATE '2026-05-01', 'healthy'"),
    ):
        statement = rows.text.format(table, keys=keys, values=values)
        session.connection().execute(text(statement), {"n": 2 * totals.MANY})
    totals.compact(session, now=now)


def test_compacting_leaves_one_row_a_group_and_none_of_nobody(session: Session) -> None:
    left = [create(n, churned_at=f"2026-05-01T0{n}:00:00Z") for n in range(3)]
    stays = create(3)
    write(lambda writer: score(writer, [*left, stays], 50.0))
    write(fill_up)
    rows = session.connection().execute(
        text("SELECT churned_at::text, customers FROM portfolio_now ORDER BY 1")
    )
    assert [tuple(row) for row in rows] == [("-infinity", 3), ("infinity", 1)]
    assert drift(session, now=NOW) == []
    patch(left[0], churned_at=None)  # out of a group that no longer knows when it left
    session.commit()
    assert drift(session, now=NOW) == []


def test_the_distribution_tells_bands_within_five_points_by_status(session: Session) -> None:
    ids = [create(n) for n in range(6)]
    values = [100.0, 95.0, 74.9999999999, 75.0, 0.0, None]
    for customer_id, value in zip(ids, values, strict=True):
        score(session, [customer_id], value)
    session.commit()
    bins = {found.start: found.customers for found in score_distribution(session, now=NOW)}
    assert {start: n for start, n in bins.items() if n} == {0: 1, 70: 1, 75: 1, 95: 2}


def rescore(ids: list[int], dice: random.Random) -> None:
    some = sorted(dice.sample(ids, dice.choice([1, 5, 12])))
    value = dice.choice([None, 0.1, 72.5, 33.3333333333, 100.0])
    write(lambda writer: score(writer, some, value, dice.choice([0, 4])))


def change(ids: list[int], dice: random.Random) -> None:
    left = date(2026, 5, dice.randrange(1, 8))
    values: dict[str, Any] = dice.choice(
        [
            {"segment": dice.choice(SEGMENTS)},
            {"arr": dice.choice([None, 0.1, 7.0001])},
            {"churned_at": f"{left}T23:59:00Z"},
            {"churned_at": None},
        ]
    )
    patch(dice.choice(ids), **values)


def come_and_go(ids: list[int], dice: random.Random) -> None:
    customer_id = create(dice.randrange(100, 10**9))
    write(lambda writer: score(writer, [customer_id], dice.choice([1.5, None])))
    ids.append(customer_id)
    gone = ids.pop(dice.randrange(12))
    write(lambda writer: customers.delete(writer, by=TESTER, customer_id=gone))


def compact(_ids: list[int], _dice: random.Random) -> None:
    write(fill_up)


def test_nothing_drifts_beside_others(session: Session) -> None:
    """Two scorers, changes, births, deaths and compaction at once; a reader checks all along."""
    ids = [create(n) for n in range(12)]
    problems: list[str] = []
    done = threading.Event()

    def work(seed: int, action: Callable[[list[int], random.Random], None]) -> None:
        dice = random.Random(seed)
        for _ in range(25):
            try:
                action(ids, dice)
            except UnknownCustomer:  # erased meanwhile
                continue
            except Exception as error:
                problems.append(repr(error))

    def watch() -> None:
        while not done.is_set():
            with read() as reader:
                problems.extend(drift(reader, now=NOW))

    actions = (rescore, rescore, change, change, come_and_go, compact)
    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(actions)]
    watcher = threading.Thread(target=watch)
    for thread in (watcher, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    watcher.join()
    assert problems == []
    assert drift(session, now=NOW) == []
