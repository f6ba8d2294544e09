"""What waits for the scorer, for whoever watches over it."""

from db.queries.queue import Backlog, backlog
from db.session import read


def ask() -> Backlog | None:
    """What is due, within a second; None where the database doesn't say."""
    try:
        with read() as session:
            return backlog(session)
    except Exception:  # whatever stands in the way, it is an answer too
        return None
