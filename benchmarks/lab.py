"""A PostgreSQL of the bench's own, set up as the product's, removed afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from db.embedded import EmbeddedServer
from db.engine import make_engine
from db.migrate import migrate
from db.session import write
from services.actor import of_command
from services.clock import utc_now
from services.scoring_models import publish_at_start


class Lab:
    """One server; each size has a database of its own."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        self._server, self.folder = server, folder

    def url(self, name: str) -> str:
        """What a process sets DATABASE_URL to."""
        return self._server.url.set(database=name).render_as_string(hide_password=False)

    def engine(self, name: str) -> Engine:
        """The product's engine, but without its limit on how long a statement takes."""
        url = self._server.url.set(database=name)
        return make_engine(url.update_query_dict({"options": "-c statement_timeout=0"}))

    def create(self, name: str) -> Engine:
        """A migrated database with the built-in scoring models, and no customer."""
        self.administer(f'CREATE DATABASE "{name}"')
        engine = self.engine(name)
        migrate(engine)
        write(
            lambda session: publish_at_start(
                session, by=of_command(), now=utc_now(), configured="standard"
            ),
            engine=engine,
        )
        return engine

    def administer(self, statement: str) -> None:
        """Run what can't run in a transaction."""
        engine = make_engine(self._server.url.set(database="postgres"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def open_lab() -> Iterator[Lab]:
    """A lab in a temporary folder that the server's unprivileged account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="customer-health-bench-"))
    folder.chmod(0o711)
    server = EmbeddedServer(folder / "data")
    try:
        yield Lab(server, folder)
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
