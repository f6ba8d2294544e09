"""Who does something, and from where."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """Whom a change is attributed to."""

    name: str
    """A key's or a user's name; never an address of the network."""
    via: Literal["api", "dashboard", "command"]
    address: str | None
    """The network address the request came from, where there was one."""
    request_id: str | None
