"""API keys looked up together, and remembered for no longer than they are known to be good.

What was read is used again for at most a second, and only while the connection it was read on
lives and has brought no word that a key was revoked: that word is part of the revoking
transaction. So a revoked key ends within milliseconds, and within the second even where no word
can come through, because the connection hangs or a pooler in between keeps it.
"""

import asyncio
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from db.engine import POOL_SECONDS
from db.queries.api_keys import StoredKey
from db.session import LostConnectionError, hear, socket_of, statement_connection
from services.api_keys import find, listen

REMEMBERED_SECONDS = 1.0
Found = dict[str, StoredKey]


class _Round:
    """What one lookup asks for, and what comes of it."""

    def __init__(self) -> None:
        self.prefixes: set[str] = set()
        self.answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()


class KeyLookup:
    """One lookup at a time, on one connection that is kept and that hears of revoked keys."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="key-lookup")
        self._next: _Round | None = None
        self._running: asyncio.Task[None] | None = None
        self._remembered: dict[str, tuple[StoredKey, float]] = {}
        self._connection: Connection | None = None  # the thread's, while a lookup runs
        self._hearing: int | None = None

    async def find(self, prefix: str) -> StoredKey | None:
        """What is stored under this prefix now, as far as can be known.

        Raises:
            SQLAlchemyError, EmbeddedError: the database can't tell, or not soon enough.
        """
        stored, until = self._remembered.get(prefix, (None, 0.0))
        if stored is not None and asyncio.get_running_loop().time() < until:
            return stored
        if self._next is None:
            self._next = _Round()
        current = self._next
        current.prefixes.add(prefix)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        done, _ = await asyncio.wait({current.answer}, timeout=POOL_SECONDS)
        if not done:
            raise PoolTimeoutError("a key's lookup took too long")
        return current.answer.result().get(prefix)

    async def close(self) -> None:
        """Give the connection back; nothing may be looked up after."""
        if self._running is not None:
            await self._running
        self._stop_hearing()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._release)
        self._thread.shutdown()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._next is not None:
            current, self._next = self._next, None
            asked, heard_on = loop.time(), self._connection
            self._stop_hearing()
            try:
                found = await loop.run_in_executor(self._thread, self._ask, current.prefixes)
                if self._connection is not heard_on:  # nobody listened for what was read before
                    self._remembered.clear()
                self._remember(found, until=asked + REMEMBERED_SECONDS)
            except Exception as error:
                self._remembered.clear()
                current.answer.set_exception(error)
                current.answer.exception()  # seen, also where nobody waits any more
            else:
                current.answer.set_result(found)

    def _remember(self, found: Found, *, until: float) -> None:
        assert self._connection is not None  # noqa: S101 - that it was read on
        self._remembered |= {prefix: (stored, until) for prefix, stored in found.items()}
        self._hearing = socket_of(self._connection)
        asyncio.get_running_loop().add_reader(self._hearing, self._heard)
        self._heard()  # what came before or together with the answer

    def _heard(self) -> None:
        """A key was revoked, or the connection is lost: nothing that was read counts any more."""
        assert self._connection is not None  # noqa: S101 - else nothing is heard
        try:
            if not hear(self._connection):
                return
        except LostConnectionError:
            self._stop_hearing()  # the next lookup replaces it
        self._remembered.clear()

    def _stop_hearing(self) -> None:
        if self._hearing is not None:
            asyncio.get_running_loop().remove_reader(self._hearing)
            self._hearing = None

    # From here on in the thread.

    def _ask(self, prefixes: AbstractSet[str]) -> Found:
        kept = self._connection is not None
        try:
            return self._read(prefixes)
        except DBAPIError as error:
            if not kept or not error.connection_invalidated:
                raise
        return self._read(prefixes)  # the database was away since the last lookup, maybe no more

    def _read(self, prefixes: AbstractSet[str]) -> Found:
        try:
            if self._connection is None:
                self._connection = statement_connection()
                with Session(self._connection) as session:
                    listen(session)
            with Session(self._connection) as session:
                return find(session, prefixes=prefixes)
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
