"""What every process does before it serves, in whatever order they start.

`python -m services.startup` (`make migrate`) does only that.
"""

import sys
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from db.embedded import EmbeddedError
from db.engine import dispose_engine, get_engine
from db.migrate import MigrationError, migration_lock, upgrade
from db.session import is_unavailable, write
from services import scoring_models
from services.actor import Actor, of_command
from services.clock import utc_day, utc_now
from services.data_reset import drop_all_data
from settings import Settings, get_settings

if TYPE_CHECKING:
    from services import demo

FATAL = (EmbeddedError, MigrationError, SQLAlchemyError, scoring_models.ScoringModelError)
"""What a start ends with, in one line."""


def prepare(settings: Settings, *, progress: "demo.Progress | None" = None) -> None:
    """Bring the database to this version: schema, scoring models and, when asked, demo data.

    Replicas that start together wait for one another; the second finds everything done.

    Raises:
        FATAL: any of these; `describe` makes one readable line of it.
    """
    tell = progress or (lambda _done, _what: None)
    tell(0.0, "Starting the database" if settings.embedded else "Connecting to the database")
    engine = get_engine()
    by = of_command()
    with migration_lock(engine) as connection:
        tell(0.0, "Preparing the schema")
        upgrade(connection)
        write(lambda session: scoring_models.publish_at_start(session, by=by, now=utc_now()))
        if settings.should_seed or settings.seed_reset:
            _seed(engine, settings, by, tell)


def may_pass(error: BaseException) -> bool:
    """Whether waiting may mend it: a database that is away, not an unusable DATA_DIR."""
    return is_unavailable(error) and not isinstance(error, EmbeddedError)


def describe(error: BaseException) -> str:
    """One readable line, without the statement or the password that the error may quote."""
    if isinstance(error, SQLAlchemyError):
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        what = "isn't available" if is_unavailable(error) else "can't be prepared"
        return f"The database {what}: {reason}"
    return str(error)


def _seed(engine: Engine, settings: Settings, by: Actor, tell: "demo.Progress") -> None:
    def work(session: Session) -> None:
        if settings.seed_reset:
            drop_all_data(session, by=by)
        if settings.should_seed:
            from services import demo  # 10 MB, for what happens once

            demo.load(
                session,
                by=by,
                customers=settings.seed_customers,
                as_of=utc_day(utc_now()),
                progress=tell,
            )

    write(work, engine=engine)


def main() -> int:
    """Prepare the database; 1 and one line on standard error when that fails."""
    try:
        prepare(get_settings())
    except FATAL as error:
        sys.stderr.write(f"{describe(error)}\n")
        return 1
    finally:
        dispose_engine()
    sys.stdout.write("The database is prepared.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
