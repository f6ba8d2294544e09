"""API keys looked up together, so that each request asks the database without its own query.

Nothing is remembered: who comes while a lookup is under way waits for the next one. What is
answered was therefore read after the request came in, and a revoked key ends at once.
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
from db.session import statement_connection
from services.api_keys import find

Found = dict[str, StoredKey]


class _Round:
    """What one lookup asks for, and what comes of it."""

    def __init__(self) -> None:
        self.prefixes: set[str] = set()
        self.answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()


class KeyLookup:
    """One lookup at a time, on one connection that is kept."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="key-lookup")
        self._next: _Round | None = None
        self._running: asyncio.Task[None] | None = None
        self._connection: Connection | None = None  # the thread's

    async def find(self, prefix: str) -> StoredKey | None:
        """What is stored under this prefix now.

        Raises:
            SQLAlchemyError, EmbeddedError: the database can't tell, or not soon enough.
        """
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
        await asyncio.get_running_loop().run_in_executor(self._thread, self._release)
        self._thread.shutdown()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._next is not None:
            current, self._next = self._next, None
            try:
                found = await loop.run_in_executor(self._thread, self._ask, current.prefixes)
            except Exception as error:
                current.answer.set_exception(error)
                current.answer.exception()  # seen, also where nobody waits any more
            else:
                current.answer.set_result(found)

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
                return find(session, prefixes=prefixes)
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
