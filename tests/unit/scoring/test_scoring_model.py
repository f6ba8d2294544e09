"""A model is read whole or refused with the path of what is wrong."""

import json

import pytest

from scoring.model import ModelError, ScoringModel, parse_model
from scoring.signals import Signal
from tests.unit.scoring.builders import MODELS, builtin

pytestmark = pytest.mark.unit
STANDARD = (MODELS / "standard.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        (
            "standard",
            {
                "api_usage": 0.30,
                "login_frequency": 0.20,
                "payment_timeliness": 0.25,
                "feature_adoption": 0.15,
                "support_tickets": 0.10,
            },
        ),
        (
            "momentum",
            {
                "login_frequency": 0.25,
                "payment_timeliness": 0.20,
                "feature_adoption": 0.25,
                "support_tickets": 0.20,
                "api_trend": 0.10,
            },
        ),
    ],
)
def test_built_in_weights(name: str, weights: dict[str, float]) -> None:
    model = builtin(name)
    assert model.name == name
    assert {factor: config.weight for factor, config in model.factors.items()} == weights
    assert [factor.name for factor in model.active_factors] == list(weights)
    assert (model.bands.healthy, model.bands.at_risk) == (75, 50)
    assert model.segments == ("startup", "smb", "enterprise")


@pytest.mark.parametrize("name", ["standard", "momentum"])
def test_the_definition_reads_back(name: str) -> None:
    model = builtin(name)
    stored = json.loads(json.dumps(model.definition(), allow_nan=False))
    again = ScoringModel.model_validate(stored)
    assert again.definition() == model.definition()
    assert again.signals() == model.signals()
    for factor in model.active_factors:
        for segment in (None, *model.segments):
            assert again.params(factor.name, segment) == model.params(factor.name, segment)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("window = 180", "windw = 180", "factors.payment_timeliness.windw: unknown parameter"),
        ("[factors.login_frequency]", "[factors.logins]", "factors.logins: unknown factor"),
        ("window = 180", "window = 180.0", "factors.payment_timeliness.window: "),
        ("window = 180", "window = 0", "factors.payment_timeliness.window: "),
        ("target = 20", "target = true", "factors.login_frequency.target: "),
        ("target_features = 8", "", "target_features or key_features is required"),
        ("expected = 200", "expected = -1", "factors.api_usage.segments.startup.expected: "),
        ("segments.smb", "segments.mid", "factors.api_usage.segments.mid: unknown segment"),
        ("0.30", "0.31", "factors: weights sum to 1.01, not to 1"),
        ("0.30", "0.300000002", "weights sum to 1.000000002"),
        ("weight = 0.10", "weight = nan", "factors.support_tickets.weight: "),
        ("weight = 0.10", "weight = -0.10", "factors.support_tickets.weight: "),
        ("healthy = 75", "healthy = 50", "bands: at_risk must be below healthy"),
        ("healthy = 75", "healthy = 101", "bands.healthy: "),
        ("at_risk = 50", "at_risk = 0", "bands.at_risk: "),
        ("at_risk = 50", "at_risk = 50\nwatch = 3", "bands.watch: "),
        ('name = "standard"', 'name = "Standard!"', "name: "),
        ('name = "standard"', 'name = "standard"\nowner = "x"', "owner: "),
        ("[bands]", "[bands", "not a TOML file: "),
    ],
)
def test_a_wrong_model_is_refused_with_the_path(old: str, new: str, message: str) -> None:
    assert old in STANDARD
    with pytest.raises(ModelError) as refusal:
        parse_model(STANDARD.replace(old, new, 1))
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_every_problem_is_told_at_once() -> None:
    text = STANDARD.replace("target = 20", "goal = 20").replace(
        "decay_days = 30", "decay_days = -1"
    )
    with pytest.raises(ModelError) as refusal:
        parse_model(text)
    for path in ("login_frequency.goal", "login_frequency.target", "payment_timeliness.decay_days"):
        assert f"factors.{path}: " in str(refusal.value)


def test_weights_may_miss_1_by_a_rounding() -> None:
    assert parse_model(STANDARD.replace("0.30", "0.3000000005")).factors["api_usage"].weight < 0.31


def test_a_model_may_name_more_segments() -> None:
    text = 'segments = ["public_sector"]\n' + STANDARD.replace(
        "segments.smb", "segments.public_sector"
    )
    model = parse_model(text)
    assert model.segments == ("startup", "smb", "enterprise", "public_sector")
    assert model.params("api_usage", "public_sector").expected == 500


def test_signals_come_once_and_include_the_overrides() -> None:
    text = STANDARD + "\n[factors.login_frequency.segments.smb]\nwindow = 7\n"
    signals = parse_model(text).signals()
    assert {Signal("logins", 7), Signal("logins", 30)} <= set(signals)
    assert len({signal.column for signal in signals}) == len(signals)
    assert set(signals).isdisjoint(parse_model(text).detail_signals())


def test_signals_have_stable_columns_and_refuse_nonsense() -> None:
    assert Signal("logins", 30).column == "logins_30d"
    assert Signal("api_calls", 30, offset=30).column == "api_calls_30d_before_30d"
    assert Signal("late_days", 180, cap=30).column == "late_days_180d_cap30"
    keyed = Signal("features_used", 90, keys=("b", "a", "b"))
    assert keyed == Signal("features_used", 90, keys=("a", "b"))
    assert keyed.column.startswith("features_used_90d_keys_")
    assert keyed.column != Signal("features_used", 90, keys=("a", "c")).column
    for wrong in ({"name": "clicks", "window": 30}, {"name": "logins", "window": 0}):
        with pytest.raises(ValueError, match=r"unknown signal|window"):
            Signal(**wrong)  # type: ignore[arg-type]
