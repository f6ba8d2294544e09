"""Load demo data into an empty database; `python seed.py --help` lists the options."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date

from sqlmodel import Session
from tqdm import tqdm

from db.engine import dispose_engine, get_engine
from db.migrate import migrate
from db.session import write
from services import demo
from services.actor import of_command
from services.clock import utc_day, utc_now
from services.data_reset import drop_all_data
from services.scoring_models import publish_at_start
from services.startup import FATAL, describe
from settings import get_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Load what the arguments ask for into the configured database; the exit status."""
    options = _options(arguments)
    settings = get_settings()
    if options.reset and settings.environment == "production":
        return _fail("--reset is refused in production: it would drop the data")
    try:
        migrate(get_engine())
        events = _load(options)
    except FATAL as error:
        return _fail(describe(error))
    finally:
        dispose_engine()
    if events:
        _say(f"Loaded {options.customers:,} customers with {events:,} events.")
    else:
        _say("There are customers already: nothing changed. Start over with --reset.")
    return 0


def _load(options: argparse.Namespace) -> int:
    by = of_command()
    with tqdm(total=100, unit="%", bar_format="{desc:<34} {bar} {percentage:3.0f}%") as bar:

        def show(done: float, what: str) -> None:
            bar.set_description_str(what, refresh=False)
            bar.update(100 * done - bar.n)

        def work(session: Session) -> int:
            if options.reset:
                drop_all_data(session, by=by)
            publish_at_start(session, by=by, now=utc_now())
            return demo.load(
                session,
                by=by,
                customers=options.customers,
                days=options.days,
                seed=options.seed,
                as_of=options.as_of,
                progress=show,
            )

        return write(work)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    today = utc_day(utc_now())
    parser = argparse.ArgumentParser(
        prog="seed.py",
        description="Load invented customers: the same ones for the same options.",
    )
    parser.add_argument("--customers", type=_whole(1, 100_000), default=None, metavar="N")
    parser.add_argument(
        "--days",
        type=_whole(1, 1000),
        default=demo.DAYS,
        metavar="D",
        help=f"days of activity ({demo.DAYS})",
    )
    parser.add_argument("--seed", type=_whole(0, 2**31), default=1, metavar="S")
    parser.add_argument(
        "--as-of", type=_day(today), default=today, metavar="YYYY-MM-DD", help="default today"
    )
    parser.add_argument("--reset", action="store_true", help="drop all data first")
    options = parser.parse_args(arguments)
    if options.customers is None:
        options.customers = get_settings().seed_customers
    return options


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        number = int(value)
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{number} is not between {low} and {high}")
        return number

    parse.__name__ = "whole number"
    return parse


def _day(latest: date) -> Callable[[str], date]:
    def parse(value: str) -> date:
        day = date.fromisoformat(value)
        if not date(2005, 1, 1) <= day <= latest:
            raise argparse.ArgumentTypeError(f"{day} is not between 2005-01-01 and {latest}")
        return day

    parse.__name__ = "day"
    return parse


def _fail(reason: str) -> int:
    print(f"seed.py: {reason}", file=sys.stderr)  # noqa: T201 - a command's answer
    return 1


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a command's answer


if __name__ == "__main__":
    sys.exit(main())
