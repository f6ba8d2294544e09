"""The request that this code works for: known wherever its context is, in threads too."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class CurrentRequest:
    """What is known of a request; logs and metrics tell nothing that a client sent but its id."""

    id: str
    address: str | None = None
    """Where it comes from (`api.client_address`); never in the log."""
    problem: str | None = None
    """The code of the problem it is answered with."""


current_request: ContextVar[CurrentRequest | None] = ContextVar("current_request", default=None)
