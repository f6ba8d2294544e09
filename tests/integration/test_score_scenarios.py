"""Whatever happens to a portfolio while days pass, lists, histories and details tell the truth."""

from datetime import UTC, date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from services.health import customer_health
from tests.support import oracle
from tests.support.portfolio_life import Portfolio, everyone
from tests.support.recount import Tables, projected, recounted
from tests.support.scoring_facts import snapshots, stored, waiting
from tests.support.totals import drift

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("seed", range(4))
def test_what_is_stored_is_what_the_facts_say(engine: Engine, seed: int) -> None:
    portfolio = Portfolio(engine, seed)
    for _ in range(12):
        for _ in range(15):
            portfolio.step()
            with Session(engine) as session:
                assert drift(session, now=portfolio.now) == [], portfolio.log
        portfolio.settle()
        with Session(engine) as session:
            assert drift(session, now=portfolio.now) == [], portfolio.log
            assert waiting(session) == 0
            tables = recounted(session)
            # Erasure keeps the first days of sources, so they can't be told from what is left.
            tables["connected_source"] = projected(session)["connected_source"]
            for customer in everyone(session):
                try:
                    _check(session, customer, tables, portfolio)
                except AssertionError as error:
                    told = f" {customer['id']} "
                    error.add_note(
                        "\n".join(e for e in portfolio.log if told in e or e.startswith("now"))
                    )
                    raise


def _check(
    session: Session, customer: dict[str, Any], tables: Tables, portfolio: Portfolio
) -> None:
    customer_id, now, today = customer["id"], portfolio.now, portfolio.now.date()
    first = oracle.day_0(tables, customer_id, customer["created_at"].astimezone(UTC))
    churned = customer["churned_at"]
    last = min(today, churned.astimezone(UTC).date()) if churned else today
    live = customer_health(session, customer_id=customer_id, now=now)
    row = stored(session, customer_id)
    for name in ("overall_score", "status", "coverage", "trend_7d", "trend_30d", "as_of"):
        assert row[name] == getattr(live, name), name
    assert row["factor_scores"] == {f.factor_name: f.score for f in live.factor_scores}
    assert row["as_of"] == last
    _agrees(row, tables, customer, portfolio.segment_on(customer_id, last), first, last)

    history = snapshots(session, customer_id)
    _covers(list(history), first, last, today)
    for day, snapshot in history.items():
        assert snapshot["segment"] == portfolio.segment_on(customer_id, day), day
        _agrees(snapshot, tables, customer, snapshot["segment"], first, day)
    for days in (7, 30):
        before = history.get(last - timedelta(days=days), {}).get("overall_score")
        unknown = before is None or row["overall_score"] is None
        assert row[f"trend_{days}d"] == (None if unknown else row["overall_score"] - before)


def _covers(days: list[date], first: date, last: date, today: date) -> None:
    """Each day from day 0, or from 90 days ago at the latest, to the last one."""
    if first > last:
        assert days == []
        return
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert days[-1] == last
    assert first <= days[0] <= max(first, min(last, today - timedelta(days=89)))


def _agrees(
    row: dict[str, Any],
    tables: Tables,
    customer: dict[str, Any],
    segment: str,
    first: date,
    day: date,
) -> None:
    scores = oracle.factor_scores(tables, customer["id"], segment, first, day)
    score, coverage = oracle.overall(scores)
    assert row["factor_scores"] == pytest.approx(scores, abs=1e-6), day
    assert row["coverage"] == pytest.approx(coverage), day
    assert row["overall_score"] == pytest.approx(score, abs=1e-6), day
