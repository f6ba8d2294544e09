"""A model as TOML and back, and what tells two models apart."""

import pytest

from scoring.model import ScoringModel, parse_model
from scoring.model_text import Difference, differences, write_model
from tests.unit.scoring.builders import MODELS, builtin

pytestmark = pytest.mark.unit
STANDARD = builtin("standard")
OWN = parse_model(
    (MODELS / "standard.toml")
    .read_text(encoding="utf-8")
    .replace("target = 20", "target = 12.5")
    .replace('title = "Standard"', 'title = "Ours: \\"ä\\" \\\\"')
    .replace("target_features = 8", 'target_features = 8\nadvanced_features = ["SSO"]')
)


@pytest.mark.parametrize("model", [STANDARD, builtin("momentum"), OWN])
def test_what_is_written_reads_back_as_the_same_model(model: ScoringModel) -> None:
    assert parse_model(write_model(model)) == model


def test_a_null_is_left_out() -> None:
    definition = STANDARD.definition()
    definition["factors"]["payment_timeliness"]["neutral"] = None
    model = ScoringModel.model_validate(definition)
    assert "neutral" not in write_model(model)
    read = parse_model(write_model(model))
    assert read.params("payment_timeliness") == model.params("payment_timeliness")


def test_differences_name_each_path_with_both_values() -> None:
    definition = STANDARD.definition()
    definition["bands"]["healthy"] = 80.0
    definition["factors"]["login_frequency"]["segments"] = {"smb": {"target": 5}}
    del definition["factors"]["api_usage"]["segments"]["startup"]
    other = ScoringModel.model_validate(definition)
    assert differences(STANDARD, other) == [
        Difference("bands.healthy", 75.0, 80.0),
        Difference("factors.api_usage.segments.startup.expected", 200, None),
        Difference("factors.login_frequency.segments.smb.target", None, 5),
    ]
    assert differences(STANDARD, STANDARD) == []


def test_the_first_version_is_all_new() -> None:
    found = differences(None, STANDARD)
    assert Difference("bands.healthy", None, 75.0) in found
    assert all(each.before is None for each in found)
