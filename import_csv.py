"""Load a CSV file; `python import_csv.py --help` lists the options.

Exit status: 0 when all rows are in, 1 when the import failed or was refused, 2 for options that
can't be used, 3 when some rows were rejected, 130 when it was stopped with Ctrl-C.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from db.engine import dispose_engine, get_engine
from db.migrate import migrate
from db.session import write
from services.actor import of_command
from services.clock import utc_now
from services.imports import (
    KINDS,
    ImportInterrupted,
    ImportRefused,
    ImportResult,
    Kind,
    Mapping,
    Progress,
    guess_kind,
    inspect,
    run_import,
)
from services.scoring_models import publish_at_start
from services.startup import FATAL, describe

FAILED, REJECTED, STOPPED = 1, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Load the file that the arguments name into the configured database; the exit status."""
    options = _options(arguments)
    # What the pool logs of a lost connection, with a traceback, is raised as well.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    try:
        kind, mapping = _plan(options)
        migrate(get_engine())
        write(lambda session: publish_at_start(session, by=of_command(), now=utc_now()))
        result = _load(options, kind, mapping)
    except (ImportRefused, ImportInterrupted) as error:
        return _fail(str(error))
    except FATAL as error:
        return _fail(describe(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        _fail("Stopped. What was stored stays; import again to complete it.")
        return STOPPED
    finally:
        dispose_engine()
    return _report(result, kind)


def _plan(options: argparse.Namespace) -> tuple[Kind, Mapping]:
    """What the columns tell: as they are named, or as the options say."""
    preview = inspect(options.file, options.kind)
    if options.kind is None and guess_kind(preview.columns) is None:
        raise ImportRefused(
            f"The columns don't tell what they hold: name it with --kind ({', '.join(KINDS)})."
        )
    mapping = {**preview.mapping, **dict(options.map)}
    _say(f"Importing {preview.kind} from {options.file}:")
    for field, column in mapping.items():
        if column:
            _say(f"  {field} = {column}")
    unused = [column for column in preview.columns if column not in mapping.values()]
    if unused:
        _say(f"  not imported: {', '.join(unused)}")
    return preview.kind, mapping


def _load(options: argparse.Namespace, kind: Kind, mapping: Mapping) -> ImportResult:
    size = options.file.stat().st_size
    with tqdm(total=size, unit="B", unit_scale=True, desc=kind, smoothing=0.1) as bar:

        def show(done: Progress) -> None:
            bar.update(done.bytes_done - bar.n)
            bar.set_postfix_str(f"{done.rows:,} rows, {done.rows_per_second:,.0f}/s", refresh=False)

        return run_import(
            options.file,
            by=of_command(),
            kind=kind,
            mapping=mapping,
            rejected_path=options.rejected,
            progress=show,
        )


def _report(result: ImportResult, kind: Kind) -> int:
    told = [f"{result.accepted:,} new", f"{result.duplicates:,} there already"]
    if kind == "customers":
        told.append(f"{result.updated:,} changed")
    told.append(f"{result.rejected:,} rejected")
    _say(f"{result.rows:,} rows in {result.seconds:.1f} s: {', '.join(told)}.")
    if result.rejected_path is None:
        return 0
    _say(f"Rejected rows, each with its reason: {result.rejected_path}")
    return REJECTED


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="import_csv.py",
        description="Load customers, events, invoices or tickets from a CSV file (UTF-8).",
        epilog="Importing a file again changes nothing; after a crash it completes it.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--kind", choices=KINDS, help="default: as the columns tell")
    parser.add_argument(
        "--map",
        type=_pair,
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="the column of a field, where its name doesn't tell; FIELD= leaves a field out",
    )
    parser.add_argument(
        "--rejected", type=Path, metavar="FILE", help="default: beside FILE, as NAME.rejected.csv"
    )
    options = parser.parse_args(arguments)
    if options.rejected is None:
        options.rejected = options.file.with_name(f"{options.file.stem}.rejected.csv")
    return options


def _pair(value: str) -> tuple[str, str | None]:
    field, equals, column = value.partition("=")
    if not field or not equals:
        raise argparse.ArgumentTypeError(f"{value!r} is not FIELD=COLUMN")
    return field, column or None


def _fail(reason: str) -> int:
    print(f"import_csv.py: {reason}", file=sys.stderr)  # noqa: T201 - a command's answer
    return FAILED


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a command's answer


if __name__ == "__main__":
    sys.exit(main())
