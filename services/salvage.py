"""Work on many things at once where one of them may fail: the others must not wait for it."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from sqlmodel import Session

from db.session import is_unavailable

T = TypeVar("T")

PATIENCE = 10
"""Failures without a single success after which it isn't the things that are at fault."""


class Salvage(Generic[T]):
    """Runs `work` on sets of things, and on halves of a set that fails, down to the culprits.

    Args:
        work: runs in a savepoint; returns how much it did.
    """

    def __init__(self, session: Session, work: Callable[[Sequence[T]], int]) -> None:
        self._session, self._work = session, work
        self._succeeded = False
        self.failed: list[tuple[T, Exception]] = []
        """What could not be worked on, and why; nothing of it is left in the transaction."""

    def run(self, things: Sequence[T]) -> int:
        """Work on these (at least one); how much was done.

        Raises:
            Exception: the database is away, or nothing succeeds at all.
        """
        try:
            with self._session.begin_nested():
                done = self._work(things)
        except Exception as error:
            if is_unavailable(error):
                raise
            if len(things) > 1:
                half = len(things) // 2
                return self.run(things[:half]) + self.run(things[half:])
            self.failed.append((things[0], error))
            if not self._succeeded and len(self.failed) >= PATIENCE:
                raise
            return 0
        self._succeeded = True
        return done
