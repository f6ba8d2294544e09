"""Rows of signals for scoring tests: a plain customer, and what a test changes about it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from scoring import engine
from scoring.model import ScoringModel, parse_model
from scoring.signals import CONTEXT, Signal

MODELS = Path(engine.__file__).parent / "models"
EMPTY: dict[str, Any] = {"feature_names": [], "other_features": [], "oldest_overdue_invoice": None}
ABSENT = {"days_since_login", "days_since_api_call", "distinct_users", "distinct_endpoints"}


def builtin(name: str) -> ScoringModel:
    """A built-in model."""
    return parse_model((MODELS / f"{name}.toml").read_text(encoding="utf-8"))


def empty(signal: Signal) -> Any:
    """What the signal is for a customer without any activity."""
    if signal.name in ABSENT or signal.name == "oldest_open_days":
        return -1
    if signal.name in EMPTY:
        return EMPTY[signal.name]
    if signal.name == "outstanding":
        return {}
    return float("nan") if signal.kind == "float" else 0


def row(model: ScoringModel, **changes: Any) -> dict[str, Any]:
    """A two-year-old SMB customer without activity, every source connected, then `changes`.

    A change is named by its column (`logins_30d=5`, `age_days=3`).
    """
    context = {name: True for name in CONTEXT if name.startswith("connected_")}
    signals = {s.column: empty(s) for s in (*model.signals(), *model.detail_signals())}
    plain: dict[str, Any] = {"segment": "smb", "age_days": 730} | context | signals
    unknown = changes.keys() - plain.keys()
    assert not unknown, f"no such column: {unknown}"
    return plain | changes


def table(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """One row each, indexed 0…; object columns kept as they are."""
    return pd.DataFrame({name: [each[name] for each in rows] for name in rows[0]})


def score(model: ScoringModel, **changes: Any) -> dict[str, Any]:
    """The one row's result, as a mapping."""
    return scored(model, row(model, **changes))


def scored(model: ScoringModel, signals: Mapping[str, Any]) -> dict[str, Any]:
    """The result of scoring one row of signals."""
    return dict(engine.score(table(signals), model).iloc[0])


def explained(model: ScoringModel, **changes: Any) -> dict[str, engine.FactorExplanation]:
    """The row's explanations by factor name."""
    signals = row(model, **changes)
    found = engine.explain(signals, scored(model, signals), model)
    return {each.factor_name: each for each in found}
