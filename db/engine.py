"""The process's one engine: what every connection to PostgreSQL is set to."""

import json
import threading
from functools import partial
from typing import Any

from psycopg2 import OperationalError
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import QueuePool

from db.embedded import EmbeddedServer
from settings import get_settings

POOL_SIZE = 20
"""Connections of one process. Whoever serves requests from threads uses no more threads than
this: two APIs and a dashboard then stay below PostgreSQL's default of 100 connections."""
POOL_OVERFLOW = 5  # for the scorer and what else runs beside the requests
POOL_SECONDS = 4.0
CONNECT_SECONDS = 2
STATEMENT_SECONDS = 15
IDLE_TRANSACTION_SECONDS = 60
"""A process that hangs, or that a debugger holds, keeps its rows locked no longer than this."""
# A host that vanishes without a word closes no connection: ask it after 15 silent seconds, and
# give up on what it doesn't acknowledge. Otherwise the scorer would wait for two hours.
LOST_HOST = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

_lock = threading.Lock()
_engine: Engine | None = None
_embedded: EmbeddedServer | None = None


def get_engine() -> Engine:
    """The engine of the settings' database; the first call starts the embedded one if need be.

    Raises:
        EmbeddedError: the embedded database can't be used.
    """
    global _engine, _embedded
    with _lock:
        if _engine is None:
            settings = get_settings()
            if settings.database_url is not None:
                _engine = make_engine(make_url(settings.database_url))
            else:
                _embedded = EmbeddedServer(settings.data_dir)
                _engine = make_engine(_embedded.url)
                _follow(_embedded, _engine)
        return _engine


def dispose_engine() -> None:
    """Close the connections and leave the embedded database (the last to leave stops it)."""
    global _engine, _embedded
    with _lock:
        engine, _engine = _engine, None
        server, _embedded = _embedded, None
    if engine is not None:
        engine.dispose()
    if server is not None:
        server.close()


def connections_in_use() -> int:
    """How many of the pool's connections somebody has now."""
    pool = None if _engine is None else _engine.pool
    return pool.checkedout() if isinstance(pool, QueuePool) else 0


def make_engine(url: URL) -> Engine:
    """An engine with the product's limits: whatever hangs ends as an error, soon."""
    # Options that the URL itself brings come last, so they win.
    given = url.query.get("options", "")
    limits = f"-c statement_timeout={STATEMENT_SECONDS}s"
    limits += f" -c idle_in_transaction_session_timeout={IDLE_TRANSACTION_SECONDS}s"
    options = f"-c timezone=UTC {limits} {given}".strip()
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        pool_use_lifo=True,
        # Whatever the server's default: ingestion and the scorer read what others committed
        # while they waited for a lock.
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # an error in the log must not spread customers' data
        connect_args={
            "application_name": "customer-health",
            "connect_timeout": CONNECT_SECONDS,
            **LOST_HOST,
            "options": options,
        },
        # NaN is not JSON: refuse it here rather than in PostgreSQL.
        json_serializer=partial(json.dumps, allow_nan=False, ensure_ascii=False),
    )


def _follow(server: EmbeddedServer, engine: Engine) -> None:
    """Connect to where the server listens now, and bring it back after it was killed."""

    @event.listens_for(engine, "do_connect")
    def connect(
        dialect: Any, _record: Any, arguments: list[Any], parameters: dict[str, Any]
    ) -> DBAPIConnection:
        parameters["host"] = server.url.query["host"]
        try:
            connection: DBAPIConnection = dialect.connect(*arguments, **parameters)
        except OperationalError:
            server.revive()
            raise
        return connection
