"""`pg_dump` and `pg_restore`: the embedded PostgreSQL's, which know every older server too."""

import re
import shutil
import subprocess
from pathlib import Path

from db.embedded.binaries import MAJOR_VERSION, installed_programs


class ProgramsTooOldError(RuntimeError):
    """No program at hand understands the server; one readable line."""


def client_programs(server: int) -> Path:
    """The folder of programs for a server of this major version.

    Raises:
        ProgramsTooOldError: the server is newer than those of the wheel and those on PATH.
        EmbeddedError: the wheel isn't installed.
    """
    if server <= int(MAJOR_VERSION):
        return installed_programs()
    found = shutil.which("pg_dump")
    at_hand = int(MAJOR_VERSION) if found is None else max(int(MAJOR_VERSION), _major(found))
    if found is None or at_hand < server:
        raise ProgramsTooOldError(
            f"The server is PostgreSQL {server}, and the newest pg_dump at hand is of {at_hand}: "
            f"install the client programs of PostgreSQL {server}, so that they are on PATH."
        )
    return Path(found).parent


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    numbers = re.search(r"\d+", said.stdout)
    return int(numbers[0]) if numbers else 0
