"""Back the database up into one file; `python backup.py --help` tells more."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from db.engine import dispose_engine
from services import backups
from services.clock import utc_now
from services.startup import FATAL, describe

FAILED, STOPPED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the configured database into the file that the arguments name; the exit status."""
    options = _options(arguments)
    try:
        made = backups.back_up(options.path, now=utc_now())
    except (backups.BackupRefused, *backups.FAILURES, *FATAL) as error:
        return _fail(describe(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        _fail("Stopped: there is no file.")
        return STOPPED
    finally:
        dispose_engine()
    size = made.path.stat().st_size / 1e6
    print(  # noqa: T201 - a command's answer
        f"Backed up {made.counts['customer']:,} customers and {made.counts['event']:,} events: "
        f"{made.path} ({size:,.1f} MB)."
    )
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="backup.py",
        description="Write one moment of the whole database into a new file, while all goes on.",
        epilog="The file holds customers' data: keep it where only you can read it.",
    )
    parser.add_argument(
        "path",
        type=Path,
        nargs="?",
        default=backups.FOLDER,
        metavar="FILE",
        help="a new file, or a folder: default backups/, and a name with the time",
    )
    return parser.parse_args(arguments)


def _fail(reason: str) -> int:
    print(f"backup.py: {reason}", file=sys.stderr)  # noqa: T201 - a command's answer
    return FAILED


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `docker stop` leaves nothing half
    sys.exit(main())
