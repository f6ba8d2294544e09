"""What a person who uses the dashboard may do, and whom the lists name."""

from collections.abc import Collection
from enum import IntEnum


class Role(IntEnum):
    """Each may do what those below it may: `Role.ADMIN >= Role.EDITOR`."""

    VIEWER = 1
    """Reads."""
    EDITOR = 2
    """Records events, imports files and loads demo data."""
    ADMIN = 3
    """Publishes scoring models, manages API keys and reads the audit log."""


def role_of(
    email: str,
    *,
    admins: Collection[str],
    editors: Collection[str],
    viewers: Collection[str],
) -> Role | None:
    """The highest role whose list names the e-mail or its @domain; None: no list does.

    Args:
        email: in whatever case; a subdomain is another domain.
        admins: e-mails and @domains in lower case, as the others.
    """
    name, at, domain = email.lower().rpartition("@")
    # More than one @, or a letter that only looks like one of ours, is nobody we were told of.
    if not (name and at and domain) or "@" in name or not email.isascii():
        return None
    named = {f"{name}@{domain}", f"@{domain}"}
    lists = ((Role.ADMIN, admins), (Role.EDITOR, editors), (Role.VIEWER, viewers))
    return next((role for role, listed in lists if not named.isdisjoint(listed)), None)
