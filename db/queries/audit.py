"""The audit log: written in the transaction of the change, and never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, text
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
_ACTORS = text("""
    WITH RECURSIVE found(actor) AS (
        SELECT min(actor) FROM audit_log
        UNION ALL
        SELECT (SELECT min(actor) FROM audit_log WHERE actor > found.actor) FROM found
        WHERE found.actor IS NOT NULL
    )
    SELECT actor FROM found WHERE actor IS NOT NULL
""")


def insert(
    session: Session, *, by: Mapping[str, str | None], action: str, changes: Sequence[Change]
) -> None:
    """Append a row for each change; `by` holds actor, via, address and request_id."""
    values = {**by, "action": action, **columns(changes, Change)}
    session.connection().execute(_INSERT, values)


def entries(
    session: Session,
    *,
    action: str | None,
    actor: str | None,
    subject: str | None,
    start: datetime | None,
    end: datetime | None,
    after: tuple[datetime, int] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Entries with start ≤ at < end and these values, newest first, behind `after`."""
    given = {"action": action, "actor": actor, "subject": subject}
    conditions = [f"{name} = :{name}" for name, value in given.items() if value is not None]
    if start is not None:
        conditions.append("at >= :start")
    if end is not None:
        conditions.append("at < :end")
    if after is not None:
        conditions.append("(at, id) < (:after_at, :after_id)")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    statement = text(
        "SELECT id, at, actor, via, address, request_id, action, subject, fields"  # noqa: S608
        f" FROM audit_log{where} ORDER BY at DESC, id DESC LIMIT :limit"
    )
    behind = {} if after is None else {"after_at": after[0], "after_id": after[1]}
    values = {**given, "start": start, "end": end, **behind, "limit": limit}
    return session.connection().execute(statement, values).all()


def actors(session: Session) -> list[str]:
    """Everybody who has an entry, in order: an index look-up for each, however long the log."""
    return list(session.connection().execute(_ACTORS).scalars())
