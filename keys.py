"""Make, list and revoke API keys; `python keys.py --help` lists the options.

A new key is all that `create` writes to standard output: `KEY=$(python keys.py create …)`.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from db.engine import dispose_engine, get_engine
from db.migrate import migrate
from db.session import read, write
from services import api_keys
from services.actor import of_command
from services.clock import utc_now
from services.errors import ServiceError
from services.principal import SCOPES
from services.startup import FATAL, describe

MOST_DAYS = 3650


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say on the configured database; the exit status."""
    options = _options(arguments)
    try:
        migrate(get_engine())
        options.run(options)
    except ServiceError as error:
        return _fail(str(error))
    except FATAL as error:
        return _fail(describe(error))
    finally:
        dispose_engine()
    return 0


def _create(options: argparse.Namespace) -> None:
    now = utc_now()
    expires_at = None if options.expires is None else now + options.expires
    key = write(
        lambda session: api_keys.create(
            session,
            by=of_command(),
            name=options.name,
            scopes=options.scopes,
            expires_at=expires_at,
            now=now,
        )
    )
    _say(key)
    sys.stderr.write("Keep it now: it is stored nowhere and shown only this once.\n")


def _list(_options: argparse.Namespace) -> None:
    with read() as session:
        keys = api_keys.listed(session)
    now = utc_now()
    for key in keys:
        state = "active"
        if key.revoked_at is not None:
            state = f"revoked {_moment(key.revoked_at)}"
        elif key.expires_at is not None:
            ended = key.expires_at <= now
            state = f"{'expired' if ended else 'expires'} {_moment(key.expires_at)}"
        made = _moment(key.created_at)
        _say(f"{key.prefix}  {','.join(key.scopes):<16}  created {made}  {state}  {key.name}")


def _revoke(options: argparse.Namespace) -> None:
    now = utc_now()
    key = write(
        lambda session: api_keys.revoke(session, by=of_command(), prefix=options.prefix, now=now)
    )
    _say(f"Revoked: {key.prefix}  {key.name}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="keys.py", description="Keys for the REST API.")
    commands = parser.add_subparsers(required=True, metavar="create | list | revoke")
    create = commands.add_parser("create", help="make a key; it is shown this once")
    create.add_argument("--name", required=True, help="who or what will use it")
    create.add_argument(
        "--scopes",
        required=True,
        type=lambda value: value.split(","),
        help=f"of {', '.join(SCOPES)}, separated by commas; admin implies the others",
    )
    create.add_argument("--expires", type=_days, metavar="90d", help="default: never")
    create.set_defaults(run=_create)
    commands.add_parser("list", help="every key, the oldest first").set_defaults(run=_list)
    revoke = commands.add_parser("revoke", help="end a key at once")
    revoke.add_argument("prefix", help="as `list` shows it, or the whole key")
    revoke.set_defaults(run=_revoke)
    return parser.parse_args(arguments)


def _days(value: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,4})d", value, re.ASCII)
    if found is None or not 1 <= int(found[1]) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"give 1d to {MOST_DAYS}d")
    return timedelta(days=int(found[1]))


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _fail(reason: str) -> int:
    print(f"keys.py: {reason}", file=sys.stderr)  # noqa: T201 - a command's answer
    return 1


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a command's answer


if __name__ == "__main__":
    sys.exit(main())
