"""Whether the database answers and is migrated, said within two seconds."""

import asyncio
from typing import Literal

from db.migrate import is_migrated
from db.session import read
from services.scoring_models import has_active_model

SECONDS = 1.5

State = Literal["ready", "unmigrated", "away"]


class Readiness:
    """One question at a time: probes that come while it is asked share its answer."""

    def __init__(self) -> None:
        self._asking: asyncio.Task[State] | None = None

    async def check(self) -> State:
        """The state of the database; `away` where it keeps us waiting."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(_ask))
        done, _ = await asyncio.wait({self._asking}, timeout=SECONDS)
        return self._asking.result() if done else "away"


def _ask() -> State:
    try:
        with read() as session:
            prepared = is_migrated(session) and has_active_model(session)
            return "ready" if prepared else "unmigrated"
    except Exception:  # whatever stands in the way, requests can't be served
        return "away"
