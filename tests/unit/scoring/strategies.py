"""Hypothesis strategies: any row of signals that the queries can produce for a model."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from scoring.model import ScoringModel
from scoring.signals import CONTEXT, Signal
from tests.unit.scoring.builders import empty, row

settings.register_profile("no_stopwatch", deadline=None)  # a busy machine is no failure
settings.load_profile("no_stopwatch")

COUNTS = st.one_of(st.integers(0, 40), st.integers(0, 10**12))
AGES = st.one_of(st.integers(-3, 200), st.integers(200, 10_000))


@st.composite
def rows(draw: st.DrawFn, model: ScoringModel) -> dict[str, Any]:
    """Consistent where signals depend on each other: errors ≤ calls, late days ≤ due · cap."""
    found = row(model)
    found["segment"] = draw(st.sampled_from([*model.segments, "unheard_of"]))
    found["age_days"] = draw(AGES)
    for name in CONTEXT:
        if name.startswith("connected_"):
            found[name] = draw(st.booleans())
    signals = (*model.signals(), *model.detail_signals())
    for signal in signals:
        found[signal.column] = draw(_values(signal))
    for signal in signals:
        if signal.name == "api_errors":
            calls = found.get(Signal("api_calls", signal.window).column, 0)
            found[signal.column] = draw(st.integers(0, calls))
    _fit_invoices(draw, found, signals)
    _fit_open_tickets(draw, found, signals)
    return found


def _values(signal: Signal) -> st.SearchStrategy[Any]:
    if signal.name in {"feature_names", "other_features"}:
        return st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=4).map(sorted)
    if signal.name == "outstanding":
        return st.dictionaries(st.sampled_from(["USD", "EUR"]), st.floats(0.01, 10**9))
    if signal.name == "oldest_overdue_invoice":
        return st.none() | st.text(min_size=1, max_size=8)
    if signal.kind == "float":
        return st.just(float("nan")) | st.floats(1, 5)
    return st.integers(empty(signal), 400) if empty(signal) < 0 else COUNTS


def _fit_invoices(draw: st.DrawFn, found: dict[str, Any], signals: tuple[Signal, ...]) -> None:
    """Late days of each cap, and the overdue count, as one list of invoices gives them."""
    delays = draw(st.lists(st.integers(0, 400), max_size=6))
    overdue = draw(st.integers(0, sum(delay > 0 for delay in delays)))
    for signal in signals:
        if signal.name == "invoices_due":
            found[signal.column] = len(delays)
        elif signal.name == "late_days":
            found[signal.column] = sum(min(delay, signal.cap or delay) for delay in delays)
        elif signal.name == "overdue_invoices":
            found[signal.column] = overdue


def _fit_open_tickets(draw: st.DrawFn, found: dict[str, Any], signals: tuple[Signal, ...]) -> None:
    """The open ones are some of those opened, and there is an oldest one when any is open."""
    for window in {signal.window for signal in signals if signal.name == "tickets_open"}:
        urgent = draw(st.integers(0, found[f"tickets_urgent_{window}d"]))
        others = draw(st.integers(0, found[f"tickets_medium_{window}d"]))
        found[f"tickets_urgent_open_{window}d"] = urgent
        found[f"tickets_open_{window}d"] = urgent + others
        oldest = draw(st.integers(0, window)) if urgent + others else -1
        found[f"oldest_open_days_{window}d"] = oldest
