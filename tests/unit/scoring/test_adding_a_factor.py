"""A new factor is one file and one line in the registry: nothing else changes."""

import importlib
from pathlib import Path

import pytest

from scoring import reference, registry
from scoring.model import parse_model
from tests.unit.scoring.builders import MODELS, explained

pytestmark = pytest.mark.unit

ONE_FILE = '''
"""How calm the queue is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field

from scoring.factors.base import Columns, Factor, KeyNumber, Params, Row, Scores
from scoring.signals import Signal


class CalmParams(Params):
    """Parameters of calm."""

    most: int = Field(gt=0, description="urgent tickets that score 0")


class Calm(Factor[CalmParams]):
    """The fewer urgent tickets, the better."""

    name = "calm"
    label = "Calm"
    formula = "100 · max(0, 1 − urgent tickets / most)"
    description = "Whether emergencies are rare."
    source = "support_ticket"
    source_label = "support tickets"
    params_type = CalmParams

    def signals(self, params: CalmParams) -> tuple[Signal, ...]:
        return (Signal("tickets_urgent", params.window),)

    def evaluate(self, columns: Columns, params: CalmParams) -> Scores:
        (urgent,) = self.signals(params)
        return 100 * np.maximum(0, 1 - columns[urgent.column] / params.most)

    def details(self, row: Row, params: CalmParams) -> dict[str, Any]:
        (urgent,) = self.signals(params)
        return {"urgent": int(row[urgent.column])}

    def summarise(self, details: Mapping[str, Any]) -> str:
        return f"{details['urgent']} urgent."

    def recommend(self, details: Mapping[str, Any]) -> str:
        return "Breathe."

    def numbers(self, details: Mapping[str, Any]) -> list[KeyNumber]:
        return [KeyNumber("Urgent", str(details["urgent"]))]
'''


def test_one_file_and_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "calm_factor.py").write_text(ONE_FILE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    calm = importlib.import_module("calm_factor").Calm()
    monkeypatch.setattr(registry, "FACTORS", (*registry.FACTORS, calm))  # the one line
    text = (MODELS / "standard.toml").read_text(encoding="utf-8").replace("0.30", "0.10")

    model = parse_model(text + "\n[factors.calm]\nweight = 0.20\nwindow = 30\nmost = 4\n")
    found = explained(model, tickets_urgent_30d=3)["calm"]

    assert (found.score, found.weight, found.summary) == (25, 0.20, "3 urgent.")
    assert (found.recommendation, found.details) == ("Breathe.", {"urgent": 3})
    assert explained(model, connected_support_ticket=False)["calm"].score is None
    assert "## Calm (`calm`)" in reference.reference()
