"""How values leave as JSON."""

from datetime import date

import pytest

from services.views import SnapshotItem

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("score", "sent"), [(78.0549, "78.05"), (-0.004, "0.0"), (-0.0, "0.0"), (100.0, "100.0")]
)
def test_scores_are_numbers_of_two_decimals(score: float, sent: str) -> None:
    item = SnapshotItem(
        day=date(2026, 5, 4),
        overall_score=score,
        status="healthy",
        coverage=1.0,
        model="standard",
        model_version=1,
        factor_scores={},
        segment="smb",
        arr=None,
        owner=None,
    )
    assert f'"overall_score":{sent},' in item.model_dump_json()
