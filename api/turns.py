"""Who waits for the database in a thread takes a turn: as many as there are connections.

Without turns, a lock that somebody keeps would let requests wait for a thread, one wave after the
other, for as long as the statements before them may take.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, Request
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from db.engine import POOL_SECONDS, POOL_SIZE


class Turns:
    """Of one process."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(POOL_SIZE)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Be one of those who may ask the database.

        Raises:
            sqlalchemy.exc.TimeoutError: nobody has finished for too long.
        """
        try:
            await asyncio.wait_for(self._free.acquire(), POOL_SECONDS)
        except TimeoutError:
            raise PoolTimeoutError("too many requests wait for the database") from None
        try:
            yield
        finally:
            self._free.release()


async def _of_a_thread(request: Request) -> AsyncIterator[None]:
    """A turn for a route that runs in a thread, once its body has been read."""
    if inspect.iscoroutinefunction(request.scope["route"].endpoint):
        yield
        return
    turns: Turns = request.app.state.turns
    async with turns.turn():
        yield


TAKES_TURNS = Depends(_of_a_thread, scope="function")
