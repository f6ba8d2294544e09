"""The audit log: written in the transaction of the change, and never changed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from db.queries.columns import columns


class Change(NamedTuple):
    """What was changed (`customer:42`), and the names of the fields, joined by commas."""

    subject: str
    fields: str


_INSERT = text("""
    INSERT INTO audit_log (actor, via, address, request_id, action, subject, fields)
    SELECT :actor, :via, :address, :request_id, :action, subject, string_to_array(fields, ',')
    FROM unnest(CAST(:subject AS text[]), CAST(:fields AS text[])) AS change(subject, fields)
""")


def insert(
    session: Session, *, by: Mapping[str, str | None], action: str, changes: Sequence[Change]
) -> None:
    """Append a row for each change; `by` holds actor, via, address and request_id."""
    values = {**by, "action": action, **columns(changes, Change)}
    session.connection().execute(_INSERT, values)
