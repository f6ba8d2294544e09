"""How each signal is counted from its table; `scoring.signals.KNOWN` says what each means.

A part reads one table for all the (customer, as of) pairs that are asked for: either many
customers as of one day, where the day is a constant of the statement, or each customer over
a span of days. Sums are of integers, so their order can't change a bit of a score.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from db.queries.columns import array

DAY = "CAST(:last_day AS date)"
"""The day that many customers are asked for."""
ON_ONE_DAY = f"""(
    SELECT customer_id, {DAY} AS as_of
    FROM unnest(CAST(:customer_ids AS bigint[])) AS customer_id
) AS p"""  # noqa: S608
SPANS = (
    "unnest(CAST(:customer_ids AS bigint[]), CAST(:first_days AS date[]),"
    " CAST(:last_days AS date[])) AS span(customer_id, first_day, last_day)"
)
OVER_SPANS = f"""(
    SELECT customer_id, first_day + n AS as_of
    FROM {SPANS}, generate_series(0, last_day - first_day) AS n
) AS p"""  # noqa: S608


class SignalSpec(Protocol):
    """What is asked for, as `scoring.signals.Signal` has it."""

    @property
    def name(self) -> str: ...
    @property
    def window(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def cap(self) -> int: ...
    @property
    def keys(self) -> tuple[str, ...]: ...
    @property
    def column(self) -> str: ...


class Binds:
    """Bound parameters: every value in a statement goes through here."""

    def __init__(self, customer_ids: Sequence[int], known_on: date | None = None) -> None:
        """`known_on` leaves out what came in after that UTC day."""
        first, last = min(customer_ids, default=0), max(customer_ids, default=0)
        self._together = 2 * len(customer_ids) > last - first > 0
        self.known = known_on is not None
        self.values: dict[str, Any] = {
            "known_on": known_on,
            "customer_ids": array(customer_ids),
            "first_id": first,
            "last_id": last,
        }

    def __call__(self, value: object) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def mine(self, table: str = "") -> str:
        """Whose rows to read. Those who stand together come with whoever stands between them:
        a range costs less than looking every row's customer up in a list.
        """
        if self._together:
            return f"{table}customer_id BETWEEN :first_id AND :last_id"
        return f"{table}customer_id = ANY(CAST(:customer_ids AS bigint[]))"


Build = Callable[[Sequence[SignalSpec], Binds], str]


class Part(NamedTuple):
    """One table's signals: SELECTs of customer_id, as_of, and `c0`, `c1`… in the order asked."""

    alias: str
    absent: dict[str, str]
    """Signal → what it is for a pair without any row."""
    on_one_day: Build
    over_spans: Build
    today: Build | None = None
    """As of the current UTC day, where that takes less than any other day."""


def on_pairs(build: Callable[[Sequence[SignalSpec], Binds, str], str]) -> tuple[Build, Build]:
    """Both ways from one that joins any pairs: for the tables with few rows a customer."""
    return (
        lambda signals, bind: build(signals, bind, ON_ONE_DAY),
        lambda signals, bind: build(signals, bind, OVER_SPANS),
    )


def reach(signals: Sequence[SignalSpec]) -> int:
    """Days from as_of back to before the first day that any of the windows holds."""
    return max(signal.window + signal.offset for signal in signals)


def within(day: str, signal: SignalSpec, longest: int, bind: Binds, *, as_of: str = "as_of") -> str:
    """Whether `day` is in the signal's window, given that it is in the longest one."""
    conditions = []
    if signal.window + signal.offset < longest:
        conditions.append(f"{day} > {as_of} - {bind(signal.window + signal.offset)}")
    if signal.offset:
        conditions.append(f"{day} <= {as_of} - {bind(signal.offset)}")
    return " AND ".join(conditions) or "true"


def selected(expressions: Sequence[str]) -> str:
    """The expressions as `c0`, `c1`…"""
    return ", ".join(f"{expression} AS c{n}" for n, expression in enumerate(expressions))
