"""What pulls a score down adds up to what is missing from 100."""

import pytest

from scoring.losses import losses
from services.scoring_models import built_in_models

pytestmark = pytest.mark.unit

STANDARD = built_in_models()["standard"]
WORKED_EXAMPLE_2 = {
    "api_usage": 76.0,
    "login_frequency": 75.0,
    "payment_timeliness": 90.0,
    "feature_adoption": 75.0,
    "support_tickets": 65.0,
}


def test_losses_add_up_to_what_the_score_lacks() -> None:
    found = losses(WORKED_EXAMPLE_2, STANDARD)
    assert sum(loss.points for loss in found) == pytest.approx(100 - 78.05)
    assert found[0].factor_name == "api_usage"
    assert found[0].points == pytest.approx(0.3 * 24)
    assert [loss.points for loss in found] == sorted((x.points for x in found), reverse=True)


def test_a_missing_factor_costs_nothing_and_raises_the_others() -> None:
    found = losses({**WORKED_EXAMPLE_2, "payment_timeliness": None}, STANDARD)
    assert "payment_timeliness" not in {loss.factor_name for loss in found}
    assert sum(loss.points for loss in found) == pytest.approx(100 - 74.0667, abs=1e-3)


def test_nothing_pulls_down_a_full_score_or_none() -> None:
    assert losses(dict.fromkeys(STANDARD.factors, 100.0), STANDARD) == []
    assert losses(dict.fromkeys(STANDARD.factors), STANDARD) == []
