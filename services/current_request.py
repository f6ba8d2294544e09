"""The request that this code works for: known wherever its context is, in threads too."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class CurrentRequest:
    """What is told of a request in logs and metrics; nothing that a client sent but its id."""

    id: str
    problem: str | None = None
    """The code of the problem it is answered with."""


current_request: ContextVar[CurrentRequest | None] = ContextVar("current_request", default=None)
