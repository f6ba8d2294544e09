"""Who does something, and from where."""

import os
import pwd
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


def of_command() -> Actor:
    """The account that this process runs as: `command:<name>`, or its number without a name."""
    # Not getpass.getuser: a variable of the environment can say anything.
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = str(number)
    return Actor(f"command:{name}", "command", None, None)
