"""Events that come in one by one, committed together.

Whoever comes while a transaction is under way waits for the next one; whoever comes alone
doesn't wait. Nobody is answered before its commit.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import anyio.to_thread
from sqlalchemy import Connection
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from api.turns import Turns
from db.engine import POOL_SECONDS
from db.session import impatient_connection, is_lock_timeout, is_unavailable, is_unmigrated, write
from services.clock import utc_now
from services.errors import InvalidInput, ServiceError
from services.incoming import Incoming, Stated, prepare
from services.ingest import Verdict, record_prepared

MOST = 256
"""Events of one transaction."""
IDLE_SECONDS = 1.0
GATHER_SECONDS = 0.001
"""How long the next group may still grow where the last one did: a transaction costs few events
as much as many. Who comes alone never waits."""
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Waiting:
    customer_id: int
    event: Stated
    received: datetime
    answer: "asyncio.Future[Verdict]"

    def succeed(self, verdict: Verdict) -> None:
        """Answer, unless whoever asked has gone."""
        if not self.answer.done():
            self.answer.set_result(verdict)

    def fail(self, error: Exception) -> None:
        """Refuse, unless whoever asked has gone."""
        if not self.answer.done():
            self.answer.set_exception(error)


class EventWriter:
    """One transaction at a time, on a connection that is kept for as long as there is work."""

    def __init__(self, source: str, turns: Turns) -> None:
        self._source, self._turns = source, turns
        self._waiting: deque[_Waiting] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="event-writer")
        self._running: asyncio.Task[None] | None = None
        self._alone: set[asyncio.Task[None]] = set()
        self._idle: asyncio.TimerHandle | None = None
        self._connection: Connection | None = None  # the thread's

    @property
    def waiting(self) -> int:
        """How many events wait for their transaction to begin."""
        return len(self._waiting)

    async def record(self, customer_id: int, event: Stated) -> Verdict:
        """Record an event; returns once it is durable, or refused.

        Raises:
            SQLAlchemyError: the database can't take it, or not soon enough.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(customer_id, event, utc_now(), loop.create_future())
        self._waiting.append(waiting)
        if self._running is None or self._running.done():
            # In a context of its own: it outlives this request, and works for others.
            self._running = loop.create_task(self._run(), context=Context())
        patience = loop.call_later(POOL_SECONDS, self._give_up, waiting)
        try:
            return await waiting.answer
        finally:
            patience.cancel()

    async def close(self) -> None:
        """Finish what is under way; nothing may be recorded after."""
        if self._idle is not None:
            self._idle.cancel()
        if self._running is not None:
            await self._running
        if self._alone:
            await asyncio.wait(self._alone)
        await self._in_thread(self._release)
        self._thread.shutdown()

    def _give_up(self, waiting: _Waiting) -> None:
        """Answer one whose turn hasn't come; a transaction under way has its own time limits."""
        if waiting in self._waiting:
            self._waiting.remove(waiting)
            waiting.fail(PoolTimeoutError("an event waited too long"))

    async def _run(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        in_company = False
        while self._waiting:
            if in_company:
                await asyncio.sleep(GATHER_SECONDS)
            batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            try:
                verdicts = await self._in_thread(self._store, batch)
            except Exception as error:
                self._resolve(batch, error)
            else:
                for waiting, verdict in zip(batch, verdicts, strict=True):
                    waiting.succeed(verdict)
            in_company = max(len(batch), len(self._waiting)) > 1
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._rest)

    def _rest(self) -> None:
        if not self._waiting:
            self._thread.submit(self._release)

    def _resolve(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """What a transaction failed for may be one event's fault, or a lock that it waits for."""
        if is_unmigrated(error) or (is_unavailable(error) and not is_lock_timeout(error)):
            for waiting in batch:
                waiting.fail(error)
            return
        for waiting in batch:
            alone = asyncio.create_task(self._record_alone(waiting))
            self._alone.add(alone)
            alone.add_done_callback(self._alone.discard)

    async def _record_alone(self, waiting: _Waiting) -> None:
        try:
            async with self._turns.turn():
                (verdict,) = await anyio.to_thread.run_sync(self._write, [waiting], None)
        except Exception as error:
            waiting.fail(error)
        else:
            waiting.succeed(verdict)

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    # From here on in the thread.

    def _store(self, batch: Sequence[_Waiting]) -> list[Verdict]:
        if self._connection is None:
            self._connection = impatient_connection()
        try:
            return self._write(batch, self._connection)
        except BaseException:
            self._release()
            raise

    def _write(self, batch: Sequence[_Waiting], connection: Connection | None) -> list[Verdict]:
        now = utc_now()
        events = [self._prepared(waiting, now) for waiting in batch]
        return write(
            lambda session: record_prepared(session, events=events, now=now), engine=connection
        )

    def _prepared(self, waiting: _Waiting, now: datetime) -> Incoming | ServiceError:
        try:
            return prepare(
                customer_id=waiting.customer_id,
                event=waiting.event,
                source=self._source,
                now=now,
                received=waiting.received,
            )
        except InvalidInput as error:
            return error

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # it has other settings than those of the pool
            connection.close()
