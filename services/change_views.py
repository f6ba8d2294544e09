"""What explains a score that changed: the shapes that the API sends and the pages draw."""

from datetime import date
from typing import Literal

from pydantic import Field

from services.views import Money, Status, View

# Unrounded, all of them: parts rounded one by one would not add up.


class ChangePart(View):
    """One cause, and the points that it moved."""

    kind: Literal["model", "segment", "coverage", "factor"]
    factor_name: str | None
    """Which factor; null for the other kinds."""
    delta: float
    summary: str


class ScoreChanges(View):
    """A customer's score on two days, and the difference split: Σ parts = delta, to 1e-9."""

    customer_id: int
    start: date = Field(serialization_alias="from")
    end: date = Field(serialization_alias="to")
    score_from: float | None
    score_to: float | None
    delta: float | None
    """Null where either score is; then there are no parts."""
    parts: list[ChangePart]

    @property
    def reason(self) -> ChangePart | None:
        """The part that moved most in the direction of the whole."""
        if not self.delta:
            return None
        sign = 1 if self.delta > 0 else -1
        return max(self.parts, key=lambda part: sign * part.delta, default=None)


class Mover(View):
    """A customer whose score moved, and mainly why."""

    customer_id: int
    customer_name: str
    segment: str
    owner: str | None
    arr: Money | None
    status: Status
    score_from: float
    score_to: float
    delta: float
    reason: ChangePart | None
