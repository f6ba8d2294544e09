"""The audit log: who changed what, when, from where.

An entry is written in the transaction of the change: neither is there without the other.
It holds ids and names of fields, never what a field holds.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from sqlmodel import Session

from db.queries import audit as queries
from db.queries.audit import Change
from services.actor import Actor

Action = Literal[
    "api-key.created",
    "api-key.revoked",
    "customer.changed",
    "customer.created",
    "customer.erased",
    "data.dropped",
    "data.restored",
    "demo-data.loaded",
    "import.cancelled",
    "import.failed",
    "import.finished",
    "import.started",
    "model.activated",
    "model.published",
]


def record(
    session: Session, *, by: Actor, action: Action, subject: str, fields: Sequence[str] = ()
) -> None:
    """Append an entry in the caller's transaction.

    Args:
        subject: kind and id: `customer:42`, `api-key:0a1b2c3d4e5f`, `model:standard:2`.
        fields: the names of what was given or changed.
    """
    record_each(session, by=by, action=action, changes=[(subject, fields)])


def record_each(
    session: Session, *, by: Actor, action: Action, changes: Iterable[tuple[str, Sequence[str]]]
) -> None:
    """The same for many subjects with their fields, in one statement."""
    told = [Change(subject, ",".join(fields)) for subject, fields in changes]
    if told:
        who = {"actor": by.name, "via": by.via, "address": by.address, "request_id": by.request_id}
        queries.insert(session, by=who, action=action, changes=told)
