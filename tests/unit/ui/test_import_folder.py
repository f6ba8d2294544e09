"""What visitors upload lies in a folder that goes with its process, however that ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from settings import PROJECT_ROOT
from ui.imports.folder import OwnFolder

pytestmark = pytest.mark.unit

HOLD = """
import sys, time
from pathlib import Path
from ui.imports.folder import OwnFolder
folder = OwnFolder(Path(sys.argv[1]))
(folder.path / "customers.csv").write_text("name,email")
print(folder.path, flush=True)
time.sleep(600)
"""


def hold(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """Another process with its folder, made long ago."""
    command = [sys.executable, "-c", HOLD, str(parent)]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    folder = Path(process.stdout.readline().strip())
    os.utime(folder, (0, 0))
    return process, folder


def test_what_a_killed_process_left_goes_and_what_a_living_one_has_stays(tmp_path: Path) -> None:
    (killed, left), (living, kept) = hold(tmp_path), hold(tmp_path)
    try:
        killed.kill()
        killed.communicate()
        own = OwnFolder(tmp_path)
        assert not left.exists()
        assert (kept / "customers.csv").exists()
        assert own.path.stat().st_mode & 0o777 == 0o700
        own.remove()
        assert list(tmp_path.iterdir()) == [kept]
    finally:
        living.kill()
        living.communicate()


def test_a_folder_that_is_being_made_stays(tmp_path: Path) -> None:
    process, folder = hold(tmp_path)
    process.kill()
    process.communicate()
    os.utime(folder)
    OwnFolder(tmp_path).remove()
    assert folder.exists()
