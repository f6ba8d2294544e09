"""Every factor of the registry, with the parameters of every model that uses it."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from scoring import engine, registry
from scoring.factors.base import Factor, KeyNumber, Params
from scoring.model import ScoringModel
from scoring.signals import KNOWN
from tests.unit.scoring.builders import builtin, row, scored, table
from tests.unit.scoring.strategies import rows

pytestmark = pytest.mark.contract

MODELS = [builtin("standard"), builtin("momentum")]
CASES = [
    pytest.param(factor, model, id=f"{factor.name}-{model.name}")
    for factor in registry.FACTORS
    for model in MODELS
    if factor.name in model.factors
]
every_case = pytest.mark.parametrize(("factor", "model"), CASES)


def explain(factor: Factor[Any], model: ScoringModel, signals: dict[str, Any]) -> Any:
    found = engine.explain(signals, scored(model, signals), model)
    return next(each for each in found if each.factor_name == factor.name)


def test_every_factor_is_used_by_a_built_in_model_and_has_its_own_name() -> None:
    names = [factor.name for factor in registry.FACTORS]
    assert len(set(names)) == len(names)
    assert set(names) == {name for model in MODELS for name in model.factors}


@every_case
def test_is_documented(factor: Factor[Any], model: ScoringModel) -> None:
    assert factor.label
    assert factor.formula
    assert factor.description.endswith(".")
    assert type(factor).__doc__
    assert (factor.source is None) == (not factor.source_label)
    fields = factor.params_type.model_fields
    assert [name for name, field in fields.items() if not field.description] == []


@every_case
def test_reads_known_signals_and_scores_integers_only(
    factor: Factor[Any], model: ScoringModel
) -> None:
    params = model.params(factor.name)
    assert isinstance(params, Params)
    signals = factor.signals(params)
    assert signals
    assert {signal.kind for signal in signals} == {"integer"}
    assert {s.name for s in (*signals, *factor.detail_signals(params))} <= KNOWN.keys()


@every_case
def test_refuses_unknown_and_impossible_parameters(
    factor: Factor[Any], model: ScoringModel
) -> None:
    params = model.factors[factor.name].params
    for wrong in ({"nonsense": 1}, {"window": 0}, {"window": "30"}, {"window": True}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            factor.params_type.model_validate(params | wrong)


@every_case
def test_scores_and_explains_whatever_the_queries_produce(
    factor: Factor[Any], model: ScoringModel
) -> None:
    @given(rows(model))
    @settings(max_examples=60)
    def check(signals: dict[str, Any]) -> None:
        result = scored(model, signals)
        assert result[f"error_{factor.name}"] is None
        found = explain(factor, model, signals)
        value = result[f"score_{factor.name}"]
        assert (found.score is None) == bool(np.isnan(value))
        assert found.score is None or 0 <= found.score <= 100
        assert json.loads(json.dumps(found.details, allow_nan=False)) == found.details
        assert "error" not in found.details
        assert ("missing" in found.details) == (found.score is None or found.neutral)
        assert found.summary.endswith(".")
        assert "nan" not in found.summary.lower()
        assert "None" not in found.summary or "None of" in found.summary
        unwell = found.score is not None and found.score < model.bands.healthy
        assert (found.recommendation is not None) == unwell
        for label, shown in factor.key_numbers(found.details):
            assert label
            assert shown
            assert "nan" not in shown

    check()


@every_case
def test_key_numbers_are_ready_to_print(factor: Factor[Any], model: ScoringModel) -> None:
    found = explain(factor, model, row(model, **_one_invoice(model)))
    numbers = factor.key_numbers(found.details)
    assert 2 <= len(numbers) <= 4
    assert all(isinstance(each, KeyNumber) for each in numbers)
    assert factor.key_numbers({"error": "x"}) == factor.key_numbers({"missing": "x"}) == []


@every_case
def test_has_no_score_before_day_0_or_without_its_source(
    factor: Factor[Any], model: ScoringModel
) -> None:
    early = explain(factor, model, row(model, age_days=-1, **_one_invoice(model)))
    assert (early.score, early.effective_weight) == (None, 0)
    assert early.details == {"missing": "before_first_day"}
    if factor.source is not None:
        alone = row(model, **{f"connected_{factor.source}": False})
        assert explain(factor, model, alone).details == {"missing": "not_connected"}


@every_case
def test_gives_each_row_its_own_score(factor: Factor[Any], model: ScoringModel) -> None:
    quiet, busy = row(model), {**row(model), **{s.column: 3 for s in model.signals()}}
    result = engine.score(table(quiet, busy, quiet), model)[f"score_{factor.name}"]
    np.testing.assert_array_equal(result.iloc[0], result.iloc[2])
    np.testing.assert_array_equal(result.iloc[1], scored(model, busy)[f"score_{factor.name}"])


def _one_invoice(model: ScoringModel) -> dict[str, Any]:
    return {s.column: 1 for s in model.signals() if s.name == "invoices_due"}
