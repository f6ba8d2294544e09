"""PostgreSQL with no setup: the wheel's programs on a data directory under DATA_DIR."""

from db.embedded.errors import EmbeddedError
from db.embedded.server import EmbeddedServer

__all__ = ["EmbeddedError", "EmbeddedServer"]
