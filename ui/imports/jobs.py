"""The import of this process: one at a time, in a thread of its own, shown to every session.

A tab that is closed or reloaded doesn't stop it.
"""

import logging
import os
import tempfile
import time
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from uuid import uuid4

import streamlit as st

from db.session import is_unavailable
from services.actor import Actor
from services.imports import (
    Cancel,
    ImportInterrupted,
    ImportRefused,
    ImportResult,
    Kind,
    Mapping,
    Progress,
    run_import,
)
from ui.imports.folder import OwnFolder
from ui.imports.spool import Spool

logger = logging.getLogger(__name__)

_FORGOTTEN = 86_400.0
"""Seconds. Streamlit may hold on to a closed session, and so to its file, for much longer."""

AWAY = "The database went away. What was stored until then stays."
FAILED = "Something unexpected stopped the import; the log has the details."


@dataclass(eq=False)
class Job:
    """One import, from its start to the next one's."""

    by: Actor
    kind: Kind
    mapping: Mapping
    spool: Spool
    rejected_path: Path
    started: float = field(default_factory=time.monotonic)
    cancel: Cancel = field(default_factory=Cancel)
    progress: Progress | None = None
    """None before the first batch."""
    result: ImportResult | None = None
    refused: str | None = None
    """Why the file can't be imported (any further)."""
    failed: str | None = None
    """What stopped it that isn't the file's fault."""
    running: bool = True

    @property
    def resumable(self) -> bool:
        """Whether importing the same file again would get further."""
        return self.failed is not None or (self.result is not None and self.result.cancelled)


def is_running(job: Job | None) -> bool:
    """Whether there is a job and it has not ended."""
    return job is not None and job.running


class Imports:
    """The running import, or the last one, and the private folder for its files."""

    def __init__(self) -> None:
        own = OwnFolder(_on_disk())
        self.folder = own.path
        self._remove_folder = weakref.finalize(self, own.remove)
        self._lock = Lock()
        self._thread: Thread | None = None
        self.job: Job | None = None

    def new_spool(self, *, name: str, size: int) -> Spool:
        """A place for a file that begins to arrive; files that nobody came for make room."""
        in_use = {self.job.spool.path, self.job.rejected_path} if self.job else set()
        for path in set(self.folder.iterdir()) - in_use:
            if time.time() - path.stat().st_mtime > _FORGOTTEN:
                path.unlink(missing_ok=True)
        return Spool(self.folder, name=name, size=size)

    def start(self, spool: Spool, kind: Kind, mapping: Mapping, *, by: Actor) -> bool:
        """Begins to import the file; False, and nothing happens, while another one runs."""
        with self._lock:
            if is_running(self.job):
                return False
            self._forget(keep=spool)
            self.job = Job(by, kind, dict(mapping), spool, self.folder / f"{uuid4().hex}.csv")
            self._thread = Thread(target=_run, args=(self.job,), daemon=True, name="import")
            self._thread.start()
            return True

    def close(self) -> None:
        """Stops the import after its running batch and deletes all files."""
        if self.job and self._thread:
            self.job.cancel.set()
            self._thread.join()
        self._remove_folder()

    def _forget(self, *, keep: Spool) -> None:
        if self.job:
            self.job.rejected_path.unlink(missing_ok=True)
            if self.job.spool is not keep:
                self.job.spool.discard()


def _on_disk() -> Path:
    """Where large files belong: the usual /tmp is memory on many systems and in compose."""
    disk = Path("/var/tmp")  # noqa: S108
    usual = "TMPDIR" in os.environ or not os.access(disk, os.W_OK)
    return Path(tempfile.gettempdir()) if usual else disk


@st.cache_resource(show_spinner=False, on_release=Imports.close)
def imports() -> Imports:
    """The one of this process."""
    return Imports()


def _run(job: Job) -> None:
    try:
        job.result = run_import(
            job.spool.path,
            by=job.by,
            kind=job.kind,
            mapping=job.mapping,
            rejected_path=job.rejected_path,
            progress=lambda progress: setattr(job, "progress", progress),
            cancel=job.cancel,
        )
    except ImportRefused as error:
        job.refused = str(error)
    except ImportInterrupted as error:
        job.failed = str(error)
    except Exception as error:
        if is_unavailable(error):
            logger.warning("database unavailable while importing: %s", error)
            job.failed = AWAY
        else:
            logger.exception("an import failed")
            job.failed = FAILED
    finally:
        if not job.resumable:
            job.spool.discard()
        job.running = False
