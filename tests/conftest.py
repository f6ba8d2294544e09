"""A real PostgreSQL for every test that asks: one server a worker, one fresh database a test."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine
from sqlmodel import Session

from db.embedded import EmbeddedServer
from db.engine import dispose_engine, get_engine, make_engine
from db.migrate import migrate
from db.session import write
from services.scoring_models import publish_at_start
from settings import get_settings
from tests.support.actors import TESTER
from tests.support.databases import FAST, administer, environment_on, fresh_database

TEMPLATE = "template_customer_health"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""When the first model became active: before whatever "now" a test chooses."""


@pytest.fixture(scope="session")
def database_server() -> Iterator[EmbeddedServer]:
    """The worker's own server, in a folder that its unprivileged account can reach."""
    with tempfile.TemporaryDirectory(prefix="customer-health-tests-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedServer(Path(folder), FAST)
        yield server
        server.close()


@pytest.fixture(scope="session")
def template_database(database_server: EmbeddedServer) -> URL:
    """A migrated database without customers, which each test gets a copy of."""
    administer(database_server, f"CREATE DATABASE {TEMPLATE}")
    url = database_server.url.set(database=TEMPLATE)
    engine = make_engine(url)
    migrate(engine)
    publish = partial(publish_at_start, by=TESTER, now=LONG_AGO, configured="standard")
    write(publish, engine=engine)
    engine.dispose()
    return url


@pytest.fixture
def database_url(database_server: EmbeddedServer, template_database: URL) -> Iterator[str]:
    """The URL of a fresh, migrated database with the built-in scoring models published."""
    with fresh_database(database_server, template_database) as url:
        yield url


@pytest.fixture
def engine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The process's own engine, on the fresh database: `get_engine()` returns it too."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    get_settings.cache_clear()
    dispose_engine()
    yield get_engine()
    dispose_engine()
    get_settings.cache_clear()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session to arrange and inspect with; what a test wants to keep it commits itself."""
    with Session(engine) as session:
        yield session


@pytest.fixture
def server_env(database_url: str) -> dict[str, str]:
    """The environment of a real second process on the same database."""
    return environment_on(database_url)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many generated requests the run tried, also those of other workers."""
    tried = sum(
        int(value)
        for report in terminalreporter.getreports("passed")
        for name, value in getattr(report, "user_properties", ())
        if name == "hostile_requests" and report.when == "call"
    )
    if tried:
        terminalreporter.write_line(f"{tried:,} generated requests: no 5xx, no row where refused")
