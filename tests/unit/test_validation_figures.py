"""The figures of a validation, held against scikit-learn, SciPy and numbers made by hand."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from scoring.model import ScoringModel
from services.scoring_models import built_in_models
from services.validation.comparing import without_factor
from services.validation.dates import Question, month_starts
from services.validation.farewells import days_warned
from services.validation.observations import Observations
from services.validation.outcomes import Labelled, label
from services.validation.ranking import caught, deciles, judged, wilson
from services.validation.reliability import reliability
from services.validation.resampling import Resamples
from services.validation.verdict import verdict
from services.validation.views import Estimate

pytestmark = pytest.mark.unit

TODAY = date(2026, 5, 20)
STANDARD = built_in_models()["standard"]


def observed(
    customer: list[int], day: list[date], score: list[float], model: ScoringModel = STANDARD
) -> Observations:
    scores = np.array(score, dtype=float)
    return Observations(
        customer=np.array(customer),
        day=np.array([one.toordinal() for one in day]),
        score=scores,
        factors=dict.fromkeys(model.factors, scores),
        since_login=np.zeros(scores.size),
        login_trend=np.zeros(scores.size),
    )


def churn(customers: int = 300, dates: int = 6, seed: int = 3) -> Labelled:
    """Customers whose rows resemble each other; a low score makes leaving likelier."""
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.uniform(20, 100, customers), dates)
    score = np.clip(level + rng.normal(0, 5, level.size), 0, 100)
    leaves = np.repeat(rng.random(customers), dates) < np.exp(-level / 30)
    days = [date(2025, 6, 1) + timedelta(days=30 * n) for n in range(dates)] * customers
    rows = observed(np.repeat(np.arange(customers), dates).tolist(), days, score.tolist())
    return Labelled(rows, leaves, 0, 0)


def test_the_interval_holds_what_scikit_learn_says() -> None:
    data = churn()
    auc, precision = judged(Resamples(data.rows.customer), -data.rows.score, data.left)
    assert auc.value == pytest.approx(roc_auc_score(data.left, -data.rows.score))
    assert precision.value == pytest.approx(average_precision_score(data.left, -data.rows.score))
    for found in (auc, precision):
        assert found.low is not None
        assert found.high is not None
        assert found.low < (found.value or 0) < found.high


def test_a_draw_of_everybody_once_is_the_figure_itself() -> None:
    """What the draws count without sorting, ties included, against scikit-learn row by row."""
    data = churn(60)
    risk = -np.round(data.rows.score / 10)
    resamples = Resamples(data.rows.customer, draws=2)
    drawn = np.repeat(resamples._weights[:, 0], 6).astype(int)
    found = resamples.draw(risk, data.left)
    rows = np.repeat(np.arange(risk.size), drawn)
    assert found.auc[0] == pytest.approx(roc_auc_score(data.left[rows], risk[rows]))
    assert found.precision[0] == pytest.approx(average_precision_score(data.left[rows], risk[rows]))


def test_rows_of_one_customer_are_not_independent() -> None:
    data = churn()
    by_customer = judged(Resamples(data.rows.customer), -data.rows.score, data.left)[0]
    by_row = judged(Resamples(np.arange(data.left.size)), -data.rows.score, data.left)[0]
    assert width(by_customer) > 1.6 * width(by_row)


def width(found: Estimate) -> float:
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def test_shuffled_outcomes_are_chance() -> None:
    data = churn()
    shuffled = np.repeat(np.random.default_rng(5).permutation(data.left[::6]), 6)
    auc, _ = judged(Resamples(data.rows.customer), -data.rows.score, shuffled)
    assert auc.low is not None
    assert auc.high is not None
    assert auc.low < 0.5 < auc.high
    assert verdict(auc, 50, 90)[0] == "unsure"


def test_wilson_is_the_formula() -> None:
    """Wilson 1927: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), for 5 of 40."""
    z, p, n = 1.959963984540054, 5 / 40, 40
    middle, half = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    scale = 1 + z * z / n
    assert wilson(5, 40) == pytest.approx(((middle - half) / scale, (middle + half) / scale))


def test_calling_two_a_date() -> None:
    """Two dates, five customers: 2 of 3 are caught by 4 calls; 3 of 10 left, so lift 5/3."""
    days = [date(2026, 1, 1)] * 5 + [date(2026, 2, 1)] * 5
    data = observed([1, 2, 3, 4, 5] * 2, days, [10, 20, 30, 40, 50, 50, 40, 30, 20, 10])
    left = np.array([True, False, False, False, True, False, False, False, False, True])
    found = caught(-data.score, data.customer, data.day, left, 2)
    assert found is not None
    assert (found.called, found.caught, found.left) == (4, 2, 3)
    assert (found.share_caught, found.precision) == (2 / 3, 0.5)
    assert found.lift == pytest.approx(5 / 3)


def test_deciles_begin_with_the_lowest_scores_and_hold_everybody() -> None:
    data = churn(50)
    found = deciles(data.rows.score, data.rows.customer, data.left)
    assert len(found) == 10
    assert sum(one.rows for one in found) == data.left.size
    assert sum(one.left for one in found) == data.left.sum()
    assert all(a.score_to <= b.score_from for a, b in pairwise(found))
    assert len(deciles(data.rows.score[:50], data.rows.customer[:50], data.left[:50])) == 2


@pytest.mark.parametrize(
    ("gone_after", "lead", "expected"),
    [
        (0, 0, []),  # gone already
        (1, 0, [True]),
        (90, 0, [True]),
        (91, 0, [False]),
        (14, 14, []),  # too early for a warning of 14 days
        (15, 14, [True]),
        (104, 14, [True]),
        (105, 14, [False]),
    ],
)
def test_the_edges_of_the_horizon(gone_after: int, lead: int, expected: list[bool]) -> None:
    day = date(2026, 1, 1)
    gone = {1: day + timedelta(days=gone_after)}
    found = label(observed([1], [day], [50]), gone, Question(lead, 90), TODAY)
    assert found.left.tolist() == expected


def test_an_outcome_that_nobody_knows_yet_is_left_out() -> None:
    known, unknown = TODAY - timedelta(days=90), TODAY - timedelta(days=89)
    found = label(
        observed([1, 1, 2], [known, unknown, known], [50, 50, np.nan]), {}, Question(), TODAY
    )
    assert found.rows.day.tolist() == [known.toordinal()]
    assert found.without_score == 1


def test_without_a_factor_the_other_weights_are_renormalised() -> None:
    data = observed([1, 2], [TODAY, TODAY], [0, 0])
    data.factors.update(
        api_usage=np.array([80.0, np.nan]),
        login_frequency=np.array([50.0, 50.0]),
        payment_timeliness=np.array([20.0, 20.0]),
        feature_adoption=np.array([np.nan, np.nan]),
        support_tickets=np.array([np.nan, np.nan]),
    )
    rest = without_factor("payment_timeliness", data, STANDARD)
    assert rest.tolist() == pytest.approx([(0.3 * 80 + 0.2 * 50) / 0.5, 50])


def test_days_warned_are_those_since_the_last_healthy_one() -> None:
    assert days_warned(np.array([80.0, 70, 80, 70, np.nan, 60]), 75) == 3
    assert days_warned(np.array([80.0, 75]), 75) == 0
    assert days_warned(np.array([50.0, 50]), 75) == 2


def test_probabilities_are_fitted_before_they_are_judged() -> None:
    data = churn(400, 9)
    question = Question(0, 90)
    found = reliability(data, question)
    assert found is not None
    assert found.fitted_to + timedelta(days=90) <= found.judged_from
    assert found.brier < found.brier_of_base_rate
    # What happens on the judged dates must not change the fit.
    later = data.rows.day >= found.judged_from.toordinal()
    other = Labelled(data.rows, np.where(later, ~data.left, data.left), 0, 0)
    changed = reliability(other, question)
    assert changed is not None
    assert [point.predicted for point in changed.points] == [p.predicted for p in found.points]
    assert reliability(churn(8), question) is None


def test_months_begin_on_their_first_days() -> None:
    found = month_starts(date(2025, 11, 2), date(2026, 2, 28))
    assert found == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    assert month_starts(date(2026, 2, 2), date(2026, 2, 28)) == []
    assert len(month_starts(date(2000, 1, 1), date(2026, 1, 1))) == 20
