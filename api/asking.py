"""Asking the database how it is, without ever waiting long for it."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

SECONDS = 1.5

T = TypeVar("T")


class Question(Generic[T]):
    """One at a time: who comes while it is asked shares its answer.

    Args:
        ask: blocks, and doesn't raise.
        otherwise: the answer where `ask` keeps us waiting.
    """

    def __init__(self, ask: Callable[[], T], *, otherwise: T) -> None:
        self._ask, self._otherwise = ask, otherwise
        self._asking: asyncio.Task[T] | None = None

    async def answer(self) -> T:
        """What the database says, within 1.5 seconds."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(self._ask))
        done, _ = await asyncio.wait({self._asking}, timeout=SECONDS)
        return self._asking.result() if done else self._otherwise
