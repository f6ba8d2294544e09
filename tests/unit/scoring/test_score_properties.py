"""What holds for every customer, whatever it did."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import engine
from scoring.model import parse_model
from tests.unit.scoring.builders import MODELS, builtin, scored, table
from tests.unit.scoring.strategies import rows

pytestmark = pytest.mark.unit

VARIED = parse_model(
    (MODELS / "standard.toml").read_text(encoding="utf-8")
    + """
[factors.support_tickets.segments.startup]
window = 30
points_per_ticket = 4.5
[factors.payment_timeliness.segments.enterprise]
window = 365
decay_days = 0
neutral = 60.0
"""
)
EVERY_MODEL = {"standard": builtin("standard"), "momentum": builtin("momentum"), "varied": VARIED}
ANY = st.sampled_from(list(EVERY_MODEL.values())).flatmap(
    lambda model: st.tuples(st.just(model), rows(model))
)
MANY = st.sampled_from(list(EVERY_MODEL.values())).flatmap(
    lambda model: st.tuples(st.just(model), st.lists(rows(model), min_size=2, max_size=6))
)


@given(ANY)
def test_scores_are_0_to_100_and_nan_only_without_data(case: tuple[Any, dict[str, Any]]) -> None:
    model, signals = case
    result = scored(model, signals)

    assert (result["status"] == "no_data") == np.isnan(result["overall_score"])
    assert np.isnan(result["overall_score"]) or 0 <= result["overall_score"] <= 100
    assert 0 <= result["coverage"] <= 1
    shares = [result[f"effective_{factor.name}"] for factor in model.active_factors]
    assert all(0 <= share <= 1 for share in shares)
    values = [result[f"score_{factor.name}"] for factor in model.active_factors]
    assert all(np.isnan(value) or 0 <= value <= 100 for value in values)
    if any(shares):
        assert sum(shares) == pytest.approx(1)
    if result["status"] != "no_data":
        parts = [s * v for s, v in zip(shares, values, strict=True) if s]
        assert sum(parts) == pytest.approx(result["overall_score"], abs=1e-8)


WORSE = ("late_days", "tickets_low", "tickets_medium", "tickets_high", "tickets_urgent")
BETTER = ("logins", "features_used")


@pytest.mark.parametrize("model", EVERY_MODEL.values(), ids=EVERY_MODEL)
@pytest.mark.parametrize("name", [*WORSE, *BETTER])
def test_one_more_moves_its_factor_one_way(model: Any, name: str) -> None:
    @given(rows(model), st.integers(1, 400))
    @settings(max_examples=40)
    def check(signals: dict[str, Any], more: int) -> None:
        for factor in model.active_factors:
            params = model.params(factor.name, signals["segment"])
            for signal in (each for each in factor.signals(params) if each.name == name):
                changed = signals | {signal.column: signals[signal.column] + more}
                before = scored(model, signals)[f"score_{factor.name}"]
                after = scored(model, changed)[f"score_{factor.name}"]
                assert np.isnan(before) == np.isnan(after)
                if not np.isnan(before):
                    assert after <= before if name in WORSE else after >= before

    check()


@given(MANY, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_a_row_alone_equals_the_same_row_among_others(
    case: tuple[Any, list[dict[str, Any]]], random: Any
) -> None:
    model, several = case
    shuffled = list(several)
    random.shuffle(shuffled)
    together = engine.score(table(*shuffled * 3), model)
    for position, signals in enumerate(shuffled * 3):
        _assert_same_bits(together.iloc[position], scored(model, signals))


@pytest.mark.parametrize("model", EVERY_MODEL.values(), ids=EVERY_MODEL)
def test_a_customer_alone_equals_the_same_customer_among_thousands(model: Any) -> None:
    random = np.random.default_rng(2)
    many = table(*[_random_row(model, random) for _ in range(3_000)])
    together = engine.score(many, model)
    for position in random.choice(len(many), size=100, replace=False):
        alone = engine.score(many.iloc[[position]], model)
        _assert_same_bits(together.iloc[position], dict(alone.iloc[0]))


def _random_row(model: Any, random: np.random.Generator) -> dict[str, Any]:
    counts = {s.column: int(random.integers(0, 60)) for s in model.signals()}
    context = {f"connected_{s}": True for s in ("login", "api_call", "feature_use")}
    return {
        "segment": str(random.choice(model.segments)),
        "age_days": int(random.integers(0, 400)),
        "connected_support_ticket": True,
        **context,
        **counts,
    }


def _assert_same_bits(one: Any, other: dict[str, Any]) -> None:
    for name, value in other.items():
        if isinstance(value, float):
            assert np.float64(value).tobytes() == np.float64(one[name]).tobytes(), name
        else:
            assert one[name] == value, name
