"""The thread that keeps scores fresh: every process runs one, one of them at a time scores."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from db import leadership
from db.engine import get_engine
from db.queries import queue, totals
from db.session import is_unavailable
from services import idempotency, metrics, retention
from services.clock import utc_day, utc_now
from services.scorer import drain

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
"""From one look at the queue to the next: what comes in between is scored together."""
PAIRS = 20_000
"""(customer, day) pairs a transaction: a few seconds, in which changes to them wait."""
SWEEP_SECONDS = 60.0
"""From one removal of what has expired to the next."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
STOP_SECONDS = 10.0


class ScorerThread:
    """Waits to lead, then scores what is queued until it is stopped or loses its connection.

    Args:
        engine: gives the engine to connect with, asked at each attempt.
        now: the clock; a test's own lets time pass.
    """

    def __init__(
        self,
        *,
        engine: Callable[[], Engine] = get_engine,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._engine, self._now = engine, now
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scorer", daemon=True)
        self._failures = 0
        self._lead(False)

    def start(self) -> "ScorerThread":
        """Start the thread; returns at once."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Finish the transaction under way and hand the lead over."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with leadership.own_connection(self._engine()) as connection:
                    self._serve(connection)
            except Exception as error:  # a thread that dies would leave scores stale for ever
                self._failed(error)
            finally:
                self._lead(False)

    def _serve(self, connection: Connection) -> None:
        while not leadership.try_to_lead(connection, key=leadership.SCORER):
            self._failures = 0
            if self._stopping.wait(POLL_SECONDS):
                return
        self._lead(True)
        scored_day: date | None = None
        next_sweep = time.monotonic()
        while not self._stopping.is_set():
            next_look = time.monotonic() + POLL_SECONDS
            try:
                now = self._now()
                _score(connection, now, new_day=utc_day(now) != scored_day)
                scored_day, self._failures = utc_day(now), 0
                if time.monotonic() >= next_sweep:
                    more = _sweep(connection, now)
                    next_sweep = time.monotonic() + (0 if more else SWEEP_SECONDS)
            except Exception as error:
                if connection.invalidated or connection.closed or is_unavailable(error):
                    raise
                self._failed(error)
            else:
                self._stopping.wait(next_look - time.monotonic())

    def _lead(self, leads: bool) -> None:
        self.leads = leads
        """Whether this process is the one that scores."""
        metrics.SCORER_LEADS.set(leads)

    def _failed(self, error: Exception) -> None:
        """Say it once, and wait longer each time."""
        self._failures += 1
        metrics.SCORER_FAILURES.inc()
        if self._failures == 1:
            if is_unavailable(error):
                logger.warning("scoring waits for the database: %s", str(error).splitlines()[0])
            else:
                logger.error("scoring failed and will be tried again", exc_info=error)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures - 1, 10))
        self._stopping.wait(pause)


def _score(connection: Connection, now: datetime, *, new_day: bool) -> None:
    """One transaction of scoring; on a new day everybody waits, as time alone moves scores."""
    started = time.perf_counter()
    with leadership.transaction(connection) as session:
        if new_day:
            queue.enqueue_everybody(session, day=utc_day(now))
        worked = drain(session, now=now, limit=PAIRS) > 0
        if worked:
            totals.compact(session, now=now)
    if worked:
        metrics.SCORER_RUN_SECONDS.observe(time.perf_counter() - started)


def _sweep(connection: Connection, now: datetime) -> bool:
    """Remove some of what has expired, in short transactions; whether there is more."""
    with leadership.transaction(connection) as session:
        more = idempotency.forget_expired(session, now=now) > 0
    with leadership.transaction(connection) as session:
        return retention.remove_old_data(session, now=now) or more


def start_scorer() -> ScorerThread:
    """Keep scores fresh for as long as this process lives, or until `.stop()`."""
    return ScorerThread().start()
