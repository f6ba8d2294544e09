"""Processes that start together on one database, or die while they prepare it."""

import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from db import leadership
from db.migrate import is_migrated
from db.session import read, write
from services import demo
from settings import PROJECT_ROOT
from tests.support import recount, totals
from tests.support.actors import TESTER
from tests.support.replicas import Replicas
from tests.support.writers import until

pytestmark = pytest.mark.integration

REPLICAS = 4
AS_OF = date(2026, 5, 4)
SCORERS = """
    SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
    WHERE locktype = 'advisory' AND datname = current_database() AND objsubid = 1
      AND (classid::bigint << 32) + objid::bigint = :key AND granted
"""


def scalar(engine: Engine, statement: str, **values: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(statement), values).scalar_one()


def test_four_replicas_start_at_once_on_an_empty_database(
    engine: Engine, server_env: dict[str, str]
) -> None:
    write(lambda session: session.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public")))
    environment = {**server_env, "SEED_ON_START": "true", "SEED_CUSTOMERS": "3"}
    with Replicas(environment) as replicas:
        started = [replicas.start() for _ in range(REPLICAS)]
        for replica in started:
            answer = httpx.get(f"{replica.ready().url}/api/customers?churned=any")
            assert len(answer.json()) == 3
        until(lambda: scalar(engine, SCORERS, key=leadership.SCORER) == 1)
    made_by = "SELECT count(DISTINCT xmin::text) FROM pg_class WHERE relkind = 'r'"
    made_by += " AND relnamespace = 'public'::regnamespace"
    assert scalar(engine, made_by) == 1, "one transaction made every table"
    assert scalar(engine, "SELECT count(*) FROM customer") == 3
    assert scalar(engine, "SELECT count(*) FROM scoring_model WHERE active") == 1


def migrator(environment: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "services.startup"]
    return subprocess.Popen(
        command, cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )


def test_after_a_migrator_that_was_killed_half_way_the_next_one_finishes(
    engine: Engine, server_env: dict[str, str]
) -> None:
    """With data of the first version, whose totals the second one adds up."""
    write(lambda session: demo.load(session, by=TESTER, customers=5, days=40, seed=1, as_of=AS_OF))
    with engine.connect() as connection:
        configuration = Config(str(PROJECT_ROOT / "alembic.ini"))
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "0001")
        connection.commit()
    with engine.begin() as reader:
        # Indexes can't be replaced under somebody who reads: the totals are made by then.
        reader.execute(text("LOCK TABLE customer_health IN ACCESS SHARE MODE"))
        killed = migrator(server_env)
        stuck = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL"
        until(lambda: bool(scalar(engine, stuck) == 1))
        killed.send_signal(signal.SIGKILL)
        assert killed.communicate(timeout=60)[0] == ""
        assert scalar(engine, "SELECT version_num FROM alembic_version") == "0001"
        assert scalar(engine, "SELECT to_regclass('portfolio_now')") is None
        following = migrator(server_env)
        # The killed one's session doesn't know yet, and still holds the migration's lock.
        until(lambda: scalar(engine, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 2)
    assert following.communicate(timeout=120)[0] == "The database is prepared.\n"
    assert following.returncode == 0
    with read() as session:
        assert is_migrated(session)
        assert totals.drift(session, now=datetime(2026, 5, 5, tzinfo=UTC)) == []
        recount.assert_agrees(session)
