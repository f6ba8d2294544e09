"""The schema's migrations, safe for several replicas at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlmodel import Session

LOCK_KEY = 0x6375_7374_6865_616C  # an arbitrary constant: "custheal" in ASCII
CONFIGURATION = Path(__file__).resolve().parent.parent / "alembic.ini"


class MigrationError(RuntimeError):
    """The database can't be brought to this version's schema; one readable line."""


def migrate(engine: Engine) -> None:
    """Bring the schema to this version.

    Raises:
        MigrationError: another, newer version of the product migrated this database.
    """
    with migration_lock(engine) as connection:
        upgrade(connection)


@contextmanager
def migration_lock(engine: Engine) -> Iterator[Connection]:
    """Be the only one to prepare this database; other replicas wait for their turn."""
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
        connection.commit()
        try:
            yield connection
        finally:
            # The session's end gives the lock back, whatever state the work left it in.
            connection.invalidate()


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in one transaction; call under the lock."""
    current = revisions(connection)
    if not known(current):
        raise MigrationError(
            f"The database is at schema revision {', '.join(current)}, which this version doesn't "
            "know: a newer version migrated it. Run that version, or restore a backup."
        )
    configuration = _configuration()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")
    connection.commit()


def remove_schema(connection: Connection) -> None:
    """Drop what the migrations made, in the connection's transaction; call under the lock."""
    configuration = _configuration()
    configuration.attributes["connection"] = connection
    command.downgrade(configuration, "base")
    connection.execute(text("DROP TABLE alembic_version"))


def revisions(connection: Connection) -> tuple[str, ...]:
    """The schema revision that the database is at; nothing where no migration ran."""
    return MigrationContext.configure(connection).get_current_heads()


def known(at: tuple[str, ...]) -> bool:
    """Whether this version has these revisions."""
    return _known_revisions().issuperset(at)


def is_migrated(session: Session) -> bool:
    """Whether the schema is the one this version works with."""
    heads = MigrationContext.configure(session.connection()).get_current_heads()
    return heads == (_head(),)


def _configuration() -> Config:
    return Config(str(CONFIGURATION))


@lru_cache(maxsize=1)
def _known_revisions() -> frozenset[str]:
    scripts = ScriptDirectory.from_config(_configuration())
    return frozenset(script.revision for script in scripts.walk_revisions())


@lru_cache(maxsize=1)
def _head() -> str | None:
    return ScriptDirectory.from_config(_configuration()).get_current_head()
