"""The installed packages, where an unprivileged account can read them."""

import atexit
import os
import shutil
import sysconfig
import tempfile
from functools import cache
from pathlib import Path

from db.embedded.account import Account


@cache
def readable_packages(uid: int) -> Path:
    """The environment's packages, or links to them where they lie under a folder closed to `uid`.

    Root's clone may well lie in such a folder; what an ordinary user has installed never does.
    """
    packages = Path(sysconfig.get_paths()["purelib"])
    if os.geteuid() != 0 or Account(uid, uid).can_enter(packages):
        return packages
    folder = Path(tempfile.mkdtemp(prefix="customer-health-packages-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    copy = folder / "site-packages"
    shutil.copytree(packages, copy, symlinks=True, copy_function=_link_or_copy)
    return copy


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
