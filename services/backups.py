"""Backups: one moment of everything, in one file that appears whole or not at all."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlmodel import Session

from db import archives, restoring
from db.archives import Archive, ArchiveError
from db.client_programs import ProgramsTooOldError
from db.engine import get_engine
from db.migrate import revisions
from db.queries import queue
from db.restoring import NotEmptyError, RestoreError
from db.session import read, write
from services import audit, scoring_models
from services.actor import Actor
from services.clock import utc_day
from settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "backups"
UNFINISHED = ".partial"
FAILURES = (ArchiveError, ProgramsTooOldError, RestoreError)


class BackupRefused(Exception):  # noqa: N818 - a refusal, as those of services.errors
    """What was asked for would overwrite something, or there is nothing; one readable line."""


class Backup(NamedTuple):
    """A backup's file and how many rows of each table it holds."""

    path: Path
    counts: Mapping[str, int]


def back_up(path: Path, *, now: datetime) -> Backup:
    """Write the configured database into a new file; into a folder, under a name of its own.

    The file is read to its end before it gets its name.

    Raises:
        BackupRefused: the file exists, or the database was never migrated.
        FAILURES, SQLAlchemyError, OSError: it can't be done.
    """
    if path.is_dir() or path == FOLDER:
        path.mkdir(exist_ok=True)
        path = path / f"customer-health-{now:%Y%m%dT%H%M%SZ}.dump"
    if path.exists():
        raise BackupRefused(f"{path} exists already: nothing is overwritten.")
    engine = get_engine()
    with read() as session:
        if not revisions(session.connection()):
            raise BackupRefused("There is nothing to back up: the database is not migrated.")
    with _appearing(path) as draft:
        archives.write_archive(engine, draft)
        counts = Archive(draft, archives.programs(engine)).counts()
    return Backup(path, counts)


def restore(path: Path, *, replace: str | None, by: Actor, now: datetime) -> Mapping[str, int]:
    """Make a backup the configured database's contents; how many rows of each table it brought.

    Everybody is scored again by whichever process leads next: time has passed since.

    Args:
        replace: the name of the database whose contents may be dropped for it.

    Raises:
        BackupRefused: there is no such file, or the database isn't empty.
        FAILURES, MigrationError, SQLAlchemyError: it can't be done; the database is as it was.
    """
    if not path.is_file():
        raise BackupRefused(f"{path} is not a file.")
    engine = get_engine()
    name = engine.url.database
    if replace is not None and replace != name:
        raise BackupRefused(f"The database is named {name}, not {replace}: nothing is replaced.")
    archive = Archive(path, archives.programs(engine))
    try:
        counts = restoring.restore(engine, archive, replace=replace is not None)
    except NotEmptyError:
        raise BackupRefused(
            f"The database {name} is not empty. Restore into an empty one, or name it "
            f"(REPLACE={name} with make, else --replace {name}): then all it holds is dropped."
        ) from None

    def finish(session: Session) -> None:
        scoring_models.publish_at_start(session, by=by, now=now)
        queue.enqueue_everybody(session, day=utc_day(now))
        audit.record(session, by=by, action="data.restored", subject=f"database:{name}")

    write(finish)
    return counts


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """A file for its owner alone, that gets its name once it is written and safe on the disk."""
    prefix = f".{path.name}."
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=prefix, suffix=UNFINISHED, delete=False
    ) as file:
        draft = Path(file.name)
        try:
            yield draft
            os.fsync(file.fileno())
            if path.exists():
                raise BackupRefused(f"{path} has appeared meanwhile: nothing is overwritten.")
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
