"""Whether the database answers and is migrated."""

from typing import Literal

from db.migrate import is_migrated
from db.session import read
from services.scoring_models import has_active_model

State = Literal["ready", "unmigrated", "away"]


def ask() -> State:
    """The state of the database."""
    try:
        with read() as session:
            prepared = is_migrated(session) and has_active_model(session)
            return "ready" if prepared else "unmigrated"
    except Exception:  # whatever stands in the way, requests can't be served
        return "away"
