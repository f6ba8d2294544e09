"""Put a backup into an empty database; `python restore.py --help` tells more."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from db.engine import dispose_engine
from services import backups
from services.actor import of_command
from services.clock import utc_now
from services.startup import FATAL, describe

FAILED, STOPPED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Restore the file that the arguments name into the configured database; the exit status."""
    options = _options(arguments)
    try:
        counts = backups.restore(
            options.file, replace=options.replace, by=of_command(), now=utc_now()
        )
    except (backups.BackupRefused, *backups.FAILURES, *FATAL) as error:
        return _fail(describe(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        _fail("Stopped: the database is as it was.")
        return STOPPED
    finally:
        dispose_engine()
    print(  # noqa: T201 - a command's answer
        f"Restored {counts['customer']:,} customers and {counts['event']:,} events from "
        f"{options.file}. Scores follow the calendar once API or dashboard runs."
    )
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="restore.py",
        description="Make a backup the contents of an empty database: all of it or nothing.",
        epilog="Stop API and dashboard first. A backup of an older version is brought up to date.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="as backup.py wrote it")
    parser.add_argument(
        "--replace",
        metavar="DATABASE",
        help="the name of the database, if all that it holds may be dropped for the backup",
    )
    return parser.parse_args(arguments)


def _fail(reason: str) -> int:
    print(f"restore.py: {reason}", file=sys.stderr)  # noqa: T201 - a command's answer
    return FAILED


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
