"""Fresh databases on a test's server, and what a process needs to work on one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import URL, text

from db.embedded import EmbeddedServer
from db.engine import make_engine
from settings import PROJECT_ROOT

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def administer(server: EmbeddedServer, statement: str) -> None:
    """Run what can't run in a transaction."""
    engine = make_engine(server.url.set(database="postgres"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def fresh_database(server: EmbeddedServer, template: URL) -> Iterator[str]:
    """The URL of a copy of the template, dropped at the end."""
    name = f"test_{uuid4().hex}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {template.database}")
    try:
        yield server.url.set(database=name).render_as_string(hide_password=False)
    finally:
        administer(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def environment_on(database_url: str, **more: str) -> dict[str, str]:
    """The environment of a real second process on this database."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "SEED_ON_START": "false",
        "PYTHONPATH": str(PROJECT_ROOT),
        "PYTHONUNBUFFERED": "1",
        **more,
    }
