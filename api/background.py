"""What the API does besides answering: prepare the database, and keep scores fresh."""

import logging
import threading

from db.engine import dispose_engine
from services.leader import ScorerThread, start_scorer
from services.startup import FATAL, describe, may_pass, prepare
from settings import Settings

RETRY_SECONDS = 2.0

log = logging.getLogger(__name__)


class Background:
    """Started and stopped with the process; outlives a database that is away at the start."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._retry: threading.Thread | None = None
        self._scorer: ScorerThread | None = None

    def start(self) -> None:
        """Prepare now; where the database is away, serve 503 and go on trying.

        Raises:
            FATAL: what no waiting mends, such as a newer schema or an unusable DATA_DIR.
        """
        try:
            prepared = self._prepare()
        except BaseException:
            dispose_engine()
            raise
        if not prepared:
            self._retry = threading.Thread(target=self._try_again, name="prepare", daemon=True)
            self._retry.start()

    def stop(self) -> None:
        """Leave nothing running."""
        self._stopping.set()
        if self._retry is not None:
            self._retry.join()
        if self._scorer is not None:
            self._scorer.stop()
        dispose_engine()

    def _prepare(self) -> bool:
        try:
            prepare(self._settings)
        except Exception as error:
            if not may_pass(error):
                raise
            log.warning("%s", describe(error))
            return False
        self._scorer = start_scorer()
        return True

    def _try_again(self) -> None:
        try:
            while not self._stopping.wait(RETRY_SECONDS):
                if self._prepare():
                    return
        except FATAL as error:  # such as a newer schema: 503 until an operator has seen to it
            log.error("%s", describe(error))
        except Exception:
            log.exception("the database can't be prepared")
