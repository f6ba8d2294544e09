"""Alembic's environment: runs on the connection that `db.migrate` hands over."""

from alembic import context

from db import tables  # noqa: F401 - declares them
from db.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
