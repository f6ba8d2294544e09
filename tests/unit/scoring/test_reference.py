"""docs/factors.md is what the registry says."""

from pathlib import Path

import pytest

from scoring import reference, registry
from scoring.signals import KNOWN

pytestmark = pytest.mark.unit
PAGE = Path(reference.__file__).parents[1] / "docs" / "factors.md"


def test_the_committed_page_has_not_drifted() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.reference(), (
        "run `python -m scoring.reference > docs/factors.md`"
    )


def test_it_names_every_factor_parameter_and_signal() -> None:
    page = reference.reference()
    for factor in registry.FACTORS:
        assert f"(`{factor.name}`)" in page
        for parameter in factor.params_type.model_fields:
            assert f"| `{parameter}` |" in page
    for signal in KNOWN:
        assert f"| `{signal}` |" in page
