"""What a person who uses the dashboard may do."""

from enum import IntEnum


class Role(IntEnum):
    """Each may do what those below it may: `Role.ADMIN >= Role.EDITOR`."""

    VIEWER = 1
    """Reads."""
    EDITOR = 2
    """Records events and imports files."""
    ADMIN = 3
    """Manages API keys and reads the audit log."""
