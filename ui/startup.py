"""What a dashboard process does once: prepare the database, then keep scores fresh."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import streamlit as st

from db.engine import dispose_engine
from services import leader, startup
from settings import dashboard_settings
from ui import logs
from ui.background import Report, Task


class StartError(Exception):
    """What no waiting mends, such as a wrong setting: one readable line."""


class Process:
    """The process's one preparation and its share in scoring."""

    def __init__(self) -> None:
        self.preparation = Task(self._prepare)
        self._scorer: leader.ScorerThread | None = None

    def _prepare(self, report: Report) -> None:
        try:
            settings = dashboard_settings()
            logs.configure(settings)
            startup.prepare(settings, progress=report)
        except (SystemExit, *startup.FATAL) as error:
            if startup.may_pass(error):
                raise
            raise StartError(startup.describe(error)) from error
        self._scorer = leader.start_scorer()

    def close(self) -> None:
        """Stops the scorer; another process takes over."""
        if self._scorer:
            self._scorer.stop()


@st.cache_resource(show_spinner=False, on_release=Process.close)
def process() -> Process:
    """The one of this process; clearing Streamlit's resources closes it."""
    return Process()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Of `st.App`: a signal ends the process without another word of Python's."""
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(_stop)


def _stop() -> None:
    st.cache_resource.clear()  # whatever has work to finish says so by `on_release`
    dispose_engine()
