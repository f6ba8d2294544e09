"""The migrations make the schema that the tables describe, once, whoever runs them."""

import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlmodel import Session

from db import tables  # noqa: F401 - declares them
from db.base import Base
from db.migrate import MigrationError, is_migrated, migrate
from db.session import read, write
from services import demo
from services.scoring_models import models_between
from settings import PROJECT_ROOT
from tests.support import recount, totals
from tests.support.actors import TESTER
from tests.support.recording import record

pytestmark = pytest.mark.integration

AS_OF = date(2026, 5, 4)


def _empty(session: Session) -> None:
    session.execute(text("DROP SCHEMA public CASCADE"))
    session.execute(text("CREATE SCHEMA public"))


def test_tables_and_migrations_agree(engine: Engine) -> None:
    # Reflection loses an expression's collation, so this one is compared by its definition.
    by_name = "ix_customer_name"
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_object": lambda _object, name, *_rest: name != by_name,
    }
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
        query = text("SELECT indexdef FROM pg_indexes WHERE indexname = :name")
        made = connection.execute(query, {"name": by_name}).scalar_one()
    assert made.endswith('(lower(name) COLLATE "C", id)')


def test_every_table_that_grows_has_the_customer_first_in_its_key_and_no_foreign_key() -> None:
    plain = {"customer", "connected_source", "scoring_model", "rescore_queue"}
    plain |= {"portfolio_now", "portfolio_day", "api_key", "idempotency_key", "audit_log"}
    plain |= {"model_activation", "scoring_model_draft"}
    for name, table in Base.metadata.tables.items():
        assert not table.foreign_keys, name
        if name not in plain:
            assert next(iter(table.primary_key)).name == "customer_id", name


def test_a_database_is_migrated_only_when_it_is(engine: Engine) -> None:
    with read() as session:
        assert is_migrated(session)
    write(_empty)
    with read() as session:
        assert not is_migrated(session)
    migrate(engine)
    migrate(engine)
    with read() as session:
        assert is_migrated(session)


def test_what_is_stored_survives_a_downgrade_and_the_upgrade_counts_it(engine: Engine) -> None:
    write(lambda session: demo.load(session, by=TESTER, customers=5, days=40, seed=1, as_of=AS_OF))
    _come_in_late(engine)
    with engine.connect() as connection:
        configuration = Config(str(PROJECT_ROOT / "alembic.ini"))
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "0001")
        connection.commit()
        assert not inspect(connection).has_table("portfolio_now")
    migrate(engine)
    with read() as session:
        assert totals.drift(session, now=datetime(2026, 5, 5, tzinfo=UTC)) == []
        recount.assert_agrees(session)
        assert len(recount.projected(session)["late_activity"]) == 6


def _come_in_late(engine: Engine) -> None:
    """Late events, of which the upgrade has to find the late parts of counters."""
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    failed = {"endpoint": "/", "count": 7, "status_code": 500}
    data: dict[str, list[dict[str, object]]] = {
        "login": [{"session_seconds": 60, "count": "x", "status_code": "y"}, {}],
        "api_call": [failed, {"endpoint": "/"}],
        "feature_use": [{"feature_name": "reports", "count": 3, "session_seconds": "z"}],
        "payment": [{"amount": 5, "status": "pending"}],
    }
    for event_type, told in data.items():
        for each in told:
            at = "2026-05-01T09:30:00Z"
            record(engine, 1, event_type, now=now, event_data=each, timestamp=at)


def test_a_newer_database_is_one_clear_line(engine: Engine, server_env: dict[str, str]) -> None:
    write(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(MigrationError, match="revision 9999, which this version doesn't know"):
        migrate(engine)
    said = _startup(server_env)
    assert "revision 9999" in said
    assert said.count("\n") == 1


def test_a_database_that_is_away_is_one_clear_line(server_env: dict[str, str]) -> None:
    url = "postgresql://me:topsecret@127.0.0.1:1/nowhere"
    said = _startup({**server_env, "DATABASE_URL": url})
    assert said.startswith("The database isn't available: ")
    assert "topsecret" not in said
    assert said.count("\n") == 1


def _startup(environment: dict[str, str]) -> str:
    """What a start that fails says on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "services.startup"],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


def test_an_upgrade_finds_what_held_on_past_days_and_which_model(
    engine: Engine, session: Session
) -> None:
    write(lambda writer: demo.load(writer, by=TESTER, customers=3, days=40, seed=1, as_of=AS_OF))
    with engine.connect() as connection:
        configuration = Config(str(PROJECT_ROOT / "alembic.ini"))
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "0004")
        for statement in (
            "UPDATE health_snapshot SET segment = 'old', arr = NULL"
            " WHERE customer_id = 1 AND day < '2026-05-01'",
            "UPDATE customer SET arr = 7 WHERE id = 2",
            "UPDATE health_snapshot SET arr = 6 WHERE customer_id = 2",
            "INSERT INTO scoring_model SELECT name, 2, definition, false, '2026-04-01'"
            " FROM scoring_model",
        ):
            connection.execute(text(statement))
        connection.commit()
    migrate(engine)
    held = session.connection().execute(
        text(
            "SELECT h.customer_id, nullif(changed_at, '-infinity') AS at, h.segment = c.segment,"
            " h.arr IS NOT DISTINCT FROM c.arr, h.owner IS NOT DISTINCT FROM c.owner"
            " FROM customer_change h JOIN customer c ON c.id = h.customer_id"
            " ORDER BY h.customer_id, changed_at"
        )
    )
    found = [tuple(row) for row in held]
    assert found[0] == (1, None, False, False, True)
    assert found[1] == (1, datetime(2026, 5, 1, tzinfo=UTC), True, True, True)
    assert [(row[0], *row[2:]) for row in found[2:]] == [
        (2, True, False, True),
        (2, True, True, True),
    ]
    in_force = models_between(session, date(2026, 3, 1), AS_OF)
    assert [(day, model.name, version) for day, model, version in in_force] == [
        (date(2026, 3, 1), "standard", 1),
        (date(2026, 4, 1), "standard", 2),
    ]
    waiting = session.connection().execute(text("SELECT customer_id FROM rescore_queue"))
    assert list(waiting.scalars()) == [None]
