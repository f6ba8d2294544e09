"""One sentence for each part of a changed score, with the numbers behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from scoring.changes import Split
from scoring.explanations import explain
from scoring.factors.base import Factor
from scoring.model import ScoringModel
from scoring.text import listed, number, signed

Kind = Literal["model", "segment", "coverage", "factor"]
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """A cause and the points that it moved."""

    kind: Kind
    factor_name: str | None
    delta: float
    summary: str


@dataclass(frozen=True)
class Side:
    """One end of a comparison."""

    facts: Facts
    """The row's context, signals and detail signals of the new model."""
    model: str
    """Name and version, as in `standard version 2`."""


def tell(split: Split, row: int, before: Side, after: Side, model: ScoringModel) -> list[Part]:
    """The parts of one row that moved anything, in the order of the walk; none without scores.

    Args:
        split: by `scoring.changes.split`.
        row: which of its rows.
        before: the old facts (with the detail signals of the new model).
        after: the new facts.
        model: the new model.
    """
    if np.isnan(split.delta[row]):
        return []
    return [part for part in _parts(split, row, before, after, model) if part.delta]


def _parts(
    split: Split, row: int, before: Side, after: Side, model: ScoringModel
) -> Iterator[Part]:
    yield _part("model", split.model[row], f"Scored by {after.model} instead of {before.model}")
    old, new = (side.facts["segment"] for side in (before, after))
    yield _part("segment", split.segment[row], f"The segment changed from {old} to {new}")
    yield _part("coverage", split.coverage[row], _coverage(split, row, model))
    was, now = (
        explain(facts, {name: values[row] for name, values in scored.items()}, model)
        for facts, scored in (
            ({**before.facts, "segment": new}, split.before),
            (after.facts, split.after),
        )
    )
    for factor, old_words, new_words in zip(model.active_factors, was, now, strict=True):
        told = None
        if not {"missing", "error"} & (old_words.details.keys() | new_words.details.keys()):
            told = factor.tell_change(old_words.details, new_words.details)
        if told is None:
            told = _scores(factor, old_words.score, new_words.score)
        yield _part("factor", split.factors[factor.name][row], told, factor.name)


def _part(kind: Kind, points: float, words: str, factor_name: str | None = None) -> Part:
    size = signed(points)
    told = f"{words}: {size}." if size != "0.0" else f"{words}: less than 0.1."
    return Part(kind, factor_name, float(points), told)


def _scores(factor: Factor[Any], was: float | None, now: float | None) -> str:
    scores = [number(score or 0.0) for score in (was, now)]
    return f"{factor.label} went from {scores[0]} to {scores[1]} of 100"


def _coverage(split: Split, row: int, model: ScoringModel) -> str:
    came, went = [], []
    for factor in model.active_factors:
        was, now = (
            not np.isnan(scored[f"score_{factor.name}"][row])
            and not scored[f"neutral_{factor.name}"][row]
            for scored in (split.before, split.after)
        )
        if now and not was:
            came.append(factor.label)
        if was and not now:
            went.append(factor.label)
    told = [f"data came for {listed(came)}"] if came else []
    told += [f"data went missing for {listed(went)}"] if went else []
    words = " and ".join(told) or "which data is known changed"
    return words[:1].upper() + words[1:]
