"""What a factor is: signals in, scores out, and words that explain them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from scoring.signals import Signal
from scoring.text import days, number

Columns = Mapping[str, NDArray[Any]]
"""Column name → values: the context columns and the factor's signals, all of one length."""
Row = Mapping[str, Any]
"""The same for one customer on one day, detail signals included."""
Scores = NDArray[np.float64]
"""0–100; NaN where there is no data."""

WindowDays = Annotated[int, Field(ge=1, le=730)]


class Params(BaseModel):
    """A factor's parameters; a model sets them, and may override any of them per segment."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    window: WindowDays = Field(description="days, ending with the day of the score")


P = TypeVar("P", bound=Params)


class KeyNumber(NamedTuple):
    """One of the few numbers that a page shows beside a factor, ready to print."""

    label: str
    value: str


class Gap(NamedTuple):
    """Why a factor has no data."""

    reason: str
    """A stable word for `details["missing"]`."""
    summary: str
    """One sentence, without its full stop."""


@dataclass(frozen=True)
class Explanation:
    """Why a factor has its score."""

    details: dict[str, Any]
    """Its numbers, as JSON values; only `missing` (and `neutral`) where there is no data."""
    summary: str
    """One sentence with the numbers in it."""
    recommendation: str | None
    """What to do; only where the score is below the healthy band."""


class Factor(ABC, Generic[P]):
    """Maps columns of signals to a column of scores, elementwise.

    A subclass says what it reads (`signals`, `detail_signals`), how it scores (`evaluate`) and how
    it explains (`details`, `summarise`, `recommend`, `numbers`). Missing data is decided here.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    """The score in one line, for the reference."""
    description: ClassVar[str]
    """What the factor tells, for the reference."""
    source: ClassVar[str | None] = None
    """Event type without which nobody can have data; None where absence says nothing."""
    source_label: ClassVar[str] = ""
    """What the source sends, as in "No customer has sent logins yet"."""
    more_gaps: ClassVar[tuple[str, ...]] = ()
    """When else there is no data, for the reference: as in "without an invoice due in window"."""
    params_type: type[P]

    @abstractmethod
    def signals(self, params: P) -> tuple[Signal, ...]:
        """What the score needs."""

    def detail_signals(self, params: P) -> tuple[Signal, ...]:  # noqa: ARG002
        """What only the explanation needs."""
        return ()

    @abstractmethod
    def evaluate(self, columns: Columns, params: P) -> Scores:
        """The formula, for rows with data; NaN where the signals themselves say "no data"."""

    def min_age(self, params: P) -> int:  # noqa: ARG002
        """Age in days under which a customer is too new for this factor."""
        return 0

    def neutral(self, params: P) -> float | None:  # noqa: ARG002
        """The score that stands in where the signals themselves say "no data"."""
        return None

    def known(self, columns: Columns, params: P) -> NDArray[np.bool_]:
        """Where absence means something: the source is connected, the customer old enough."""
        old_enough = np.asarray(columns["age_days"] >= self.min_age(params))
        if self.source is None:
            return old_enough
        return old_enough & columns[f"connected_{self.source}"]

    def score(self, columns: Columns, params: P) -> Scores:
        """Scores 0–100, NaN without data: not connected, too new, or nothing to judge."""
        values = np.clip(self.evaluate(columns, params), 0.0, 100.0)
        return np.where(self.known(columns, params), values, np.nan)

    def gap(self, row: Row, params: P) -> Gap | None:
        """Why the row has no data; None where it has. Agrees with `score` being NaN."""
        age = int(row["age_days"])
        if age < 0:
            return Gap("before_first_day", "Not a customer yet on this day")
        if self.source is not None and not row[f"connected_{self.source}"]:
            return Gap(
                "not_connected",
                f"No customer has sent {self.source_label} yet: the source is not connected",
            )
        if age < self.min_age(params):
            scored_from = self.min_age(params)
            return Gap("too_new", f"Too new: {days(age)} old, scored from day {scored_from}")
        return None

    def explain(self, row: Row, params: P, score: float | None, healthy_from: float) -> Explanation:
        """Numbers, sentence and advice for one row.

        Args:
            row: context, signals and detail signals of one customer on one day.
            score: this factor's score there, unrounded; None without data.
            healthy_from: scores below it get a recommendation.
        """
        unwell = score is not None and score < healthy_from
        gap = self.gap(row, params)
        if gap is None:
            details = self.details(row, params)
            advice = self.recommend(details) if unwell else None
            return Explanation(details, self.summarise(details), advice)
        if score is None:
            return Explanation({"missing": gap.reason}, f"{gap.summary}.", None)
        return Explanation(
            {"missing": gap.reason, "neutral": True},
            f"{gap.summary}: counted as a neutral {number(score)}.",
            self.recommend_data(score) if unwell else None,
        )

    @abstractmethod
    def details(self, row: Row, params: P) -> dict[str, Any]:
        """The row's numbers as JSON values, under stable snake_case names."""

    @abstractmethod
    def summarise(self, details: Mapping[str, Any]) -> str:
        """One plain sentence."""

    @abstractmethod
    def recommend(self, details: Mapping[str, Any]) -> str:
        """One concrete step for this situation."""

    def recommend_data(self, score: float) -> str:
        """One concrete step where a neutral score stands in for missing data."""
        return f"Send data for {self.label.lower()}: it counts as a neutral {number(score)}."

    @abstractmethod
    def numbers(self, details: Mapping[str, Any]) -> list[KeyNumber]:
        """The key numbers of a factor with data."""

    def tell_change(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:  # noqa: ARG002
        """What moved between two days' `details`, without its full stop; None: only the score."""
        return None

    def key_numbers(self, details: Mapping[str, Any]) -> list[KeyNumber]:
        """The few numbers a page shows beside the sentence; none without data or on an error."""
        if "missing" in details or "error" in details:
            return []
        return self.numbers(details)
