"""How statuses withstand other weights."""

from typing import Any

import numpy as np
import pytest

from scoring.engine import MIN_COVERAGE, score_columns
from scoring.model import ScoringModel, parse_model
from scoring.robustness import robustness
from tests.unit.scoring.builders import MODELS, builtin, row, table

pytestmark = pytest.mark.unit
STANDARD = builtin("standard")
GOOD = {"logins_30d": 20, "api_calls_30d": 500, "features_used_90d": 8, "invoices_due_180d": 3}


def columns(*rows: dict[str, Any]) -> dict[str, Any]:
    return {str(name): values.to_numpy() for name, values in table(*rows).items()}


def customers(*changes: dict[str, Any], model: ScoringModel = STANDARD) -> dict[str, Any]:
    return score_columns(columns(*(row(model, **(GOOD | each)) for each in changes)), model)


def without(model: ScoringModel, name: str) -> ScoringModel:
    """The model with one factor less and its weight shared."""
    definition = model.definition()
    gone = definition["factors"].pop(name)["weight"]
    for factor in definition["factors"].values():
        factor["weight"] /= 1 - gone
    return ScoringModel.model_validate(definition)


def test_full_marks_stay_healthy_and_the_edge_of_a_band_does_not() -> None:
    """The second is at 77.5 by its logins; with their weight drawn above 0.22 it falls below 75."""
    scored = customers({}, {"logins_30d": 0, "api_calls_30d": 450})
    assert scored["overall_score"][1] == pytest.approx(77.0)
    found = robustness(scored, STANDARD)
    assert found.stability[0] == 1.0
    assert 0.6 < found.stability[1] < 0.95


def test_without_any_spread_nothing_changes() -> None:
    scored = customers({}, {"logins_30d": 0}, {"api_calls_30d": 0, "logins_30d": 3})
    assert robustness(scored, STANDARD, spread=0.0, draws=3).stability.tolist() == [1.0] * 3


def test_it_is_the_same_each_time_and_for_each_customer_alone() -> None:
    changes = [{"logins_30d": n, "api_calls_30d": 40 * n} for n in range(12)]
    together = robustness(customers(*changes), STANDARD)
    alone = [robustness(customers(each), STANDARD).stability[0] for each in changes]
    assert together.stability.tolist() == alone


@pytest.mark.parametrize("name", [factor.name for factor in STANDARD.active_factors])
def test_leaving_a_factor_out_is_scoring_without_it(name: str) -> None:
    rng = np.random.default_rng(3)
    changes = [
        {
            "logins_30d": int(rng.integers(0, 25)),
            "api_calls_30d": int(rng.integers(0, 600)),
            "features_used_90d": int(rng.integers(0, 9)),
            "invoices_due_180d": int(rng.integers(0, 2)),
            "tickets_urgent_90d": int(rng.integers(0, 4)),
            "connected_login": bool(rng.integers(0, 2)),
        }
        for _ in range(200)
    ]
    rows = [row(STANDARD, **(GOOD | each)) for each in changes]
    usual = score_columns(columns(*rows), STANDARD)
    less = score_columns(columns(*rows), without(STANDARD, name))
    changed = int((usual["status"] != less["status"]).sum())
    assert robustness(usual, STANDARD, draws=1).deciding[name] == changed > 0


def test_a_factor_that_is_the_same_for_everybody_is_idle() -> None:
    found = robustness(customers({}, {"logins_30d": 15}), STANDARD)
    assert set(found.idle) == {factor.name for factor in STANDARD.active_factors}
    unwell = robustness(customers({"api_calls_30d": 0, "logins_30d": 10}), STANDARD)
    assert "api_usage" not in unwell.idle


def test_coverage_follows_the_weights() -> None:
    """Just enough weight has data: with less of it, there is no score."""
    silent = {
        "connected_api_call": False,
        "connected_login": False,
        "connected_support_ticket": False,
    }
    half = parse_model(
        (MODELS / "standard.toml")
        .read_text(encoding="utf-8")
        .replace("weight = 0.30", "weight = 0.20")
        .replace("weight = 0.25", "weight = 0.35")
    )
    scored = customers(silent, model=half)
    assert scored["coverage"][0] == MIN_COVERAGE
    assert 0.2 < robustness(scored, half).stability[0] < 0.8


def test_a_model_of_one_factor() -> None:
    one = parse_model(
        'name = "one"\n[bands]\nhealthy = 75\nat_risk = 50\n'
        "[factors.login_frequency]\nweight = 1.0\nwindow = 30\ntarget = 20\n"
    )
    scored = score_columns(columns(row(one, logins_30d=20)), one)
    found = robustness(scored, one)
    assert found.stability.tolist() == [1.0]
    assert found.deciding == {"login_frequency": 1}
