"""Long work in a thread of its own, which a closed tab can't stop half-way."""

import time
from collections.abc import Callable
from threading import Lock, Thread

import streamlit as st

Report = Callable[[float, str], None]
"""Says how much is done, 0–1, and what is being done."""

_PAUSE = 0.2  # seconds between two looks at the progress
_BEGINNING = (0.0, "Starting")


class Task:
    """One piece of work that many visitors may wait for; it can be tried again after a failure."""

    def __init__(self, work: Callable[[Report], None]) -> None:
        self._work = work
        self._lock = Lock()
        self._thread: Thread | None = None
        self._error: Exception | None = None
        self.done = False
        self.progress: tuple[float, str] = _BEGINNING

    def start(self) -> None:
        """Begins, or begins again; nothing happens while it runs or once it is done."""
        with self._lock:
            if self.done or (self._thread and self._thread.is_alive()):
                return
            self._error, self.progress = None, _BEGINNING
            self._thread = Thread(target=self._run, daemon=True, name="dashboard-task")
            self._thread.start()

    def follow(self) -> None:
        """Starts it, draws its progress until it ends, and clears the drawing.

        Raises:
            Exception: what the work raised.
        """
        self.start()
        thread = self._thread
        if self.done or thread is None:
            return
        thread.join(_PAUSE)
        if thread.is_alive():
            slot = st.empty()
            while thread.is_alive():
                share, text = self.progress
                slot.progress(min(max(share, 0.0), 1.0), text=text)
                time.sleep(_PAUSE)
            slot.empty()
        if self._error:
            raise self._error

    def _run(self) -> None:
        try:
            self._work(self._report)
        except Exception as error:
            self._error = error
        else:
            self.done = True

    def _report(self, share: float, text: str) -> None:
        self.progress = (share, text)
