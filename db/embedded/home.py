"""Where the embedded database lives: under DATA_DIR, or where root can hand a folder over."""

import hashlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from db.embedded.account import Account, server_account
from db.embedded.errors import EmbeddedError

ELSEWHERE = Path("/var/lib/customer-health")
INSIDE = "postgresql"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Home:
    """A folder that only the server's account (and root) can enter, and who that account is."""

    path: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.path / "data"

    @property
    def start_lock(self) -> Path:
        """Held alone while somebody starts or stops the server."""
        return self.path / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by every process that uses the server."""
        return self.path / "users.lock"

    @property
    def start_log(self) -> Path:
        """What the server said until its own log began."""
        return self.path / "start.log"


def open_home(data_dir: Path) -> Home:
    """Find or create the home of the database of `data_dir`, without touching a folder above it.

    Raises:
        OSError, EmbeddedError: no place can be had.
    """
    data_dir = data_dir.resolve()
    inside = data_dir / INSIDE
    elsewhere = _elsewhere(data_dir)
    account = server_account(inside, elsewhere)
    make_folder(data_dir)
    if account is None:
        inside.mkdir(mode=0o700, exist_ok=True)
        return Home(inside, None)
    if not (inside / "data").exists() and (elsewhere / "data").exists():
        return _hand_over(elsewhere, account, data_dir)
    if _let_in(data_dir, account):
        return _hand_over(inside, account, data_dir)
    if (inside / "data").exists():
        raise EmbeddedError(
            f"the server's account (uid {account.uid}) can no longer enter it: "
            "a folder above it is closed"
        )
    return _hand_over(elsewhere, account, data_dir)


def _elsewhere(data_dir: Path) -> Path:
    return ELSEWHERE / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]


def make_folder(folder: Path) -> None:
    """Create what is missing of a path, open to others whatever the umask; change nothing else."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        path.chmod(0o755)


def _let_in(data_dir: Path, account: Account) -> bool:
    """Whether the account can enter DATA_DIR; a closed DATA_DIR of root's itself is opened."""
    found = data_dir.stat()
    if found.st_uid == 0 and not found.st_mode & 0o001 and account.can_enter(data_dir.parent):
        data_dir.chmod(found.st_mode & 0o7777 | 0o011)
    return account.can_enter(data_dir)


def _hand_over(path: Path, account: Account, data_dir: Path) -> Home:
    if path.parent != data_dir:
        make_folder(path.parent)
        log.warning(
            "DATA_DIR %s lies in a folder closed to the database's unprivileged account: "
            "the data is in %s",
            data_dir,
            path,
        )
    path.mkdir(mode=0o700, exist_ok=True)
    account.own(path)
    return Home(path, account)
