"""Putting an archive in place of what a database holds: one transaction, all of it or nothing."""

from collections.abc import Mapping
from contextlib import closing

import psycopg2
from sqlalchemy import Connection, Engine, inspect, text

from db.archives import Archive
from db.base import Base
from db.migrate import MigrationError, known, migration_lock, remove_schema, revisions, upgrade
from db.session import is_lock_timeout

_STARTS_WITH = {
    "rescore_queue", "portfolio_now", "portfolio_day", "scoring_model", "model_activation",
}  # fmt: skip
"""Where a database has rows that nobody has given anything to."""
_PATIENCE = "10s"


class NotEmptyError(RuntimeError):
    """The database holds what nobody said may go."""


class RestoreError(RuntimeError):
    """The archive's contents can't be had here; one readable line."""


def restore(engine: Engine, archive: Archive, *, replace: bool) -> Mapping[str, int]:
    """Make the archive the database's contents, at this version's schema; rows of each table.

    What the database held goes in the same transaction: whatever stops it on the way, a killed
    process too, leaves the database as it was. Replicas that start meanwhile wait.

    Raises:
        NotEmptyError: there is something, and `replace` is false.
        RestoreError, ArchiveError, MigrationError, SQLAlchemyError: it can't be done.
    """
    with migration_lock(engine) as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
        try:
            _clear(connection, replace=replace)
        except Exception as error:
            if is_lock_timeout(error):
                raise RestoreError("Somebody uses the database: stop API and dashboard.") from error
            raise
        try:
            counts = _load(connection, archive)
        except psycopg2.Error as error:
            raise RestoreError(f"The backup can't be loaded: {_first_line(error)}") from error
        at = revisions(connection)
        if "customer" not in counts or not at:
            raise RestoreError("The file is no backup of this product.")
        if not known(at):
            raise RestoreError(f"A newer version made the backup (schema revision {at[0]}).")
        upgrade(connection)
        return counts


def _clear(connection: Connection, *, replace: bool) -> None:
    found = set(inspect(connection).get_table_names())
    if not found & {"alembic_version", *Base.metadata.tables}:
        return
    at = revisions(connection)
    if not at or not known(at):
        raise MigrationError("The database holds tables of another program or a newer version.")
    mine = sorted(found & set(Base.metadata.tables))
    connection.execute(text("LOCK TABLE customer"))
    if not replace and any(_has_rows(connection, table) for table in mine):
        raise NotEmptyError
    names = ", ".join(table for table in mine if table != "audit_log")
    connection.execute(text(f"TRUNCATE {names}"))  # no index is built on what goes anyway
    remove_schema(connection)


def _has_rows(connection: Connection, table: str) -> bool:
    if table in _STARTS_WITH:
        return False
    condition = " WHERE action NOT LIKE 'model.%'" if table == "audit_log" else ""
    statement = text(f"SELECT EXISTS (SELECT FROM {table}{condition})")  # noqa: S608 - our tables
    return bool(connection.execute(statement).scalar_one())


def _load(connection: Connection, archive: Archive) -> Mapping[str, int]:
    """Run the archive's statements; the rows of each table, which are as many as it tells."""
    counts = {}
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(archive.definitions("pre-data"))
        for piece in archive.data():
            if piece.rows is None or piece.table is None:
                cursor.execute(piece.statement)
                continue
            cursor.copy_expert(piece.statement, piece.rows)
            if cursor.rowcount != piece.rows.count:
                raise RestoreError(f"{piece.table} took {cursor.rowcount} of its rows.")
            counts[piece.table] = cursor.rowcount
        cursor.execute(archive.definitions("post-data"))
        cursor.execute("RESET search_path")
    return counts


def _first_line(error: psycopg2.Error) -> str:
    return str(error).strip().partition("\n")[0]
