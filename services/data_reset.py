"""Starting over with an empty database."""

from sqlmodel import Session

from db.queries import bulk_load
from services import audit
from services.actor import Actor


def drop_all_data(session: Session, *, by: Actor) -> None:
    """Every customer with all that hangs on it; keys, models and the audit log stay."""
    bulk_load.drop_all_data(session)
    audit.record(session, by=by, action="data.dropped", subject="customers")
