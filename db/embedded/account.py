"""Who the server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.embedded.errors import EmbeddedError

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An unprivileged system account that root hands the database over to."""

    uid: int
    gid: int

    def subprocess_arguments(self) -> dict[str, Any]:
        """What makes `subprocess` run a program as this account, without root's groups."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Hand over a folder and what root may have put into it.

        What a killed start left running may still remove files of its own meanwhile.
        """
        for item in (path, *_tree(path)):
            with suppress(FileNotFoundError):
                if item.lstat().st_uid == 0:
                    os.chown(item, self.uid, self.gid, follow_symlinks=False)

    def can_enter(self, path: Path) -> bool:
        """Whether the account can really walk to the folder (permission bits, ACLs and all)."""
        probe = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(path)]
        with suppress(OSError):
            done = subprocess.run(
                probe,
                cwd="/",
                stderr=subprocess.DEVNULL,
                check=False,
                **self.subprocess_arguments(),
            )
            return done.returncode == 0
        return False


def server_account(*data: Path) -> Account | None:
    """The account to run as: the owner of existing data, else `postgres`, else `nobody`.

    None means "as ourselves": we aren't root.

    Raises:
        EmbeddedError: root, on a system that has no such account.
    """
    if os.geteuid() != 0:
        return None
    for path in data:
        with suppress(FileNotFoundError):
            found = path.stat()
            if found.st_uid != 0:
                return Account(found.st_uid, found.st_gid)
    for name in UNPRIVILEGED:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("the system has neither an account 'postgres' nor an account 'nobody'")


def _tree(path: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            yield Path(folder, name)
