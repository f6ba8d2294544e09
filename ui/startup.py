"""What a dashboard process does once: prepare the database, then keep scores fresh."""

import streamlit as st

from services import leader, startup
from settings import get_settings
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
            settings = get_settings()
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
