"""A factor that raises loses its own rows and nothing else."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring import engine, registry
from scoring.factors.base import Columns, Scores
from scoring.factors.login_frequency import LoginFrequency, LoginParams
from tests.unit.scoring.builders import builtin, row, scored, table

pytestmark = pytest.mark.unit
MODEL = builtin("standard")


class Fragile(LoginFrequency):
    """Can't bear 13 logins in any row of the batch."""

    def evaluate(self, columns: Columns, params: LoginParams) -> Scores:
        if (columns["logins_30d"] == 13).any():
            raise RuntimeError("13 is bad luck")
        return super().evaluate(columns, params)


class Mute(LoginFrequency):
    """Scores, but can't explain."""

    def details(self, row: Any, params: LoginParams) -> dict[str, Any]:
        raise KeyError("lost for words")


class Shapeless(LoginFrequency):
    """Answers one score for any number of rows."""

    def evaluate(self, columns: Columns, params: LoginParams) -> Scores:
        return np.array([[1.0]])


class DividesByZero(LoginFrequency):
    """Forgets the customers without a call."""

    def evaluate(self, columns: Columns, params: LoginParams) -> Scores:
        return columns["logins_30d"] / np.where(columns["logins_30d"] == 0, 0, 1)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Any:
    def replace(broken: LoginFrequency) -> None:
        kept = [broken if isinstance(f, LoginFrequency) else f for f in registry.FACTORS]
        monkeypatch.setattr(registry, "FACTORS", tuple(kept))

    return replace


def test_only_the_failing_row_is_null(use: Any, caplog: pytest.LogCaptureFixture) -> None:
    rows = [row(MODEL, logins_30d=logins) for logins in (10, 13, 20)]
    healthy = engine.score(table(*rows), MODEL)
    use(Fragile())
    result = engine.score(table(*rows), MODEL)

    assert result["score_login_frequency"].fillna(-1).tolist() == [50, -1, 100]
    assert result["error_login_frequency"].tolist() == [None, "RuntimeError: 13 is bad luck", None]
    assert result["effective_login_frequency"].iloc[1] == 0
    assert result["coverage"].iloc[1] == pytest.approx(0.55)
    pd.testing.assert_frame_equal(result.iloc[[0, 2]], healthy.iloc[[0, 2]])
    assert "Traceback" in caplog.text
    assert "13 is bad luck" in caplog.text
    explained = engine.explain(rows[1], dict(result.iloc[1]), MODEL)
    words = next(each for each in explained if each.factor_name == "login_frequency")
    assert words.score is None
    assert words.details == {"error": "RuntimeError: 13 is bad luck"}
    assert words.recommendation is None
    assert sum("error" in each.details for each in explained) == 1


@pytest.mark.parametrize(("broken", "logins"), [(Shapeless(), 1), (DividesByZero(), 0)])
def test_nonsense_counts_as_a_failure(use: Any, broken: LoginFrequency, logins: int) -> None:
    use(broken)
    result = scored(MODEL, row(MODEL, logins_30d=logins))
    assert np.isnan(result["score_login_frequency"])
    assert "Error" in result["error_login_frequency"]


def test_an_explanation_that_fails_keeps_its_score(
    use: Any, caplog: pytest.LogCaptureFixture
) -> None:
    use(Mute())
    signals = row(MODEL, logins_30d=10)
    found = engine.explain(signals, scored(MODEL, signals), MODEL)
    words = next(each for each in found if each.factor_name == "login_frequency")
    assert words.score == 50
    assert words.details == {"error": "KeyError: 'lost for words'"}
    assert words.summary == "Scored 50; its numbers could not be read (see the log)."
    assert "Traceback" in caplog.text


def test_missing_columns_and_nulls_are_the_callers_mistake() -> None:
    signals = table(row(MODEL))
    with pytest.raises(ValueError, match="missing from the signals: age_days, logins_30d"):
        engine.score(signals.drop(columns=["logins_30d", "age_days"]), MODEL)
    for null in (None, float("nan")):
        nulled = signals.assign(logins_30d=pd.Series([null], index=signals.index))
        with pytest.raises(ValueError, match="hold nulls: logins_30d"):
            engine.score(nulled, MODEL)
    bare = {name: value for name, value in row(MODEL).items() if name != "active_days_30d"}
    with pytest.raises(ValueError, match="active_days_30d"):
        engine.explain(bare, scored(MODEL, bare), MODEL)


def test_no_rows_and_repeated_labels_are_fine(caplog: pytest.LogCaptureFixture) -> None:
    signals = table(row(MODEL), row(MODEL, logins_30d=20))
    assert engine.score(signals.iloc[:0], MODEL).empty
    signals.index = pd.MultiIndex.from_tuples([(1, "d"), (1, "d")])
    assert engine.score(signals, MODEL)["score_login_frequency"].tolist() == [0, 100]
    assert caplog.record_tuples == []
