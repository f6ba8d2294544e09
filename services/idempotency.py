"""`Idempotency-Key`: a request that is repeated is answered again, not done again.

After draft-ietf-httpapi-idempotency-key-header. The answer commits with what it tells of: whoever
was killed between commit and answer has kept it. Refusals changed nothing, so they aren't kept.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar, NamedTuple

from sqlmodel import Session

from db.queries import idempotency as queries
from services.errors import Conflict, ServiceError

KEPT = timedelta(hours=24)
BATCH = 1_000


class Answer(NamedTuple):
    """What a caller hears about a customer."""

    customer_id: int
    status: int
    headers: dict[str, str]
    body: str


class Key(NamedTuple):
    """The caller's name for one request of its own; another caller's is another key."""

    caller: str
    key: str

    @property
    def number(self) -> int:
        """The key as a PostgreSQL bigint."""
        digest = sha256("\0".join(self).encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


class KeyInFlight(Conflict):
    """The first request with this key is not finished."""

    code: ClassVar[str] = "idempotency-key-in-flight"

    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is under way. Repeat it later.")


class KeyReused(ServiceError):  # noqa: N818 - a refusal, as those of services.errors
    """The key came with another request before."""

    code: ClassVar[str] = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key belongs to a request with another body.")


def once(
    session: Session, *, key: Key, request: str, now: datetime, work: Callable[[], Answer]
) -> Answer:
    """Do `work` in the caller's transaction, or say what it said the first time.

    Args:
        request: what the key stands for; the same text is the same request.

    Raises:
        KeyInFlight, KeyReused: it is neither the first time nor a repetition.
    """
    if not queries.claim(session, number=key.number):
        raise KeyInFlight
    request_hash = sha256(request.encode()).digest()
    # A statement of its own, after the lock: it sees what the holder before committed.
    before = queries.find(session, caller=key.caller, key=key.key, since=now - KEPT)
    if before is None:
        answer = work()
        values = {**key._asdict(), **answer._asdict(), "created_at": now}
        queries.store(session, values=values | {"request_hash": request_hash})
        return answer
    if before["request_hash"] != request_hash:
        raise KeyReused
    return Answer(*(before[name] for name in Answer._fields))


def forget_expired(session: Session, *, now: datetime) -> int:
    """Remove up to 1,000 answers that nobody will hear any more; how many."""
    return queries.forget(session, before=now - KEPT, limit=BATCH)
