"""Alembic's environment: runs on the connection that `db.migrate` hands over."""

from alembic import context

from db import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.Base.metadata,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
