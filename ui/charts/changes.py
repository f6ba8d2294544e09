"""What changed a score: from one day's score to another's, one step a cause."""

from scoring import registry
from services.change_views import ChangePart, ScoreChanges
from ui import format as as_text
from ui.charts.bands import Bands
from ui.charts.steps import Step, move, steps_chart, total
from ui.charts.style import Spec

_KINDS = {"model": "Scoring model", "segment": "Segment", "coverage": "Data coverage"}


def label(part: ChangePart) -> str:
    """What a reader calls the cause."""
    factor = registry.find(part.factor_name) if part.factor_name else None
    return factor.label if factor else _KINDS.get(part.kind, part.kind)


def changes_chart(changes: ScoreChanges, bands: Bands) -> Spec:
    """The chart of a difference that has parts."""
    return steps_chart(steps(changes, bands), bands)


def describe(changes: ScoreChanges) -> str:
    """The chart in one sentence, for those who can't see it."""
    parts = [f"{label(part)} {as_text.signed(part.delta)}" for part in changes.parts]
    return (
        f"From {as_text.score(changes.score_from)} on {as_text.day(changes.start)} to "
        f"{as_text.score(changes.score_to)} on {as_text.day(changes.end)}: {', '.join(parts)}"
    )


def steps(changes: ScoreChanges, bands: Bands) -> list[Step]:
    """The first day's score, one row for each part, the last day's score."""
    level = changes.score_from or 0.0
    rows = [total(as_text.day(changes.start), level, bands)]
    for part in changes.parts:
        rows.append(move(label(part), level, level + part.delta, detail=part.summary))
        level += part.delta
    return [*rows, total(as_text.day(changes.end), changes.score_to or 0.0, bands)]
