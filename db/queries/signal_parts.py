"""How each signal is counted from its table; `scoring.signals.KNOWN` says what each means.

A part reads one table for all the pairs of (customer, as of) and groups by the pair's
ordinal `i`. Sums are of integers, so their order can't change a bit of a score.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

PAIRS = (
    "unnest(CAST(:customer_ids AS bigint[]), CAST(:days AS date[]))"
    " WITH ORDINALITY AS p(customer_id, as_of, i)"
)
"""The pairs as a relation; `i` counts from 1 in the order they were given.

Repeated rather than named in a WITH: scanning a common table expression would keep
PostgreSQL from using its other processes.
"""


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

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def __call__(self, value: object) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"


class Part(NamedTuple):
    """One table's signals."""

    alias: str
    absent: dict[str, str]
    """Signal → what it is for a pair without any row."""
    build: Callable[[Sequence[SignalSpec], Binds], str]
    """The part's SELECT: `i`, and `c0`, `c1`… in the order of the signals asked for."""


def reach(signals: Sequence[SignalSpec]) -> int:
    """Days from as_of back to before the first day that any of the windows holds."""
    return max(signal.window + signal.offset for signal in signals)


def within(day: str, signal: SignalSpec, longest: int, bind: Binds) -> str:
    """Whether `day` is in the signal's window, given that it is in the longest one."""
    conditions = []
    if signal.window + signal.offset < longest:
        conditions.append(f"{day} > as_of - {bind(signal.window + signal.offset)}")
    if signal.offset:
        conditions.append(f"{day} <= as_of - {bind(signal.offset)}")
    return " AND ".join(conditions) or "true"


def selected(expressions: Sequence[str]) -> str:
    """The expressions as `c0`, `c1`…"""
    return ", ".join(f"{expression} AS c{n}" for n, expression in enumerate(expressions))
