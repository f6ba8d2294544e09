"""A scoring model as TOML, and what tells two models apart."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import tomli_w

from scoring.model import ScoringModel


class Difference(NamedTuple):
    """One value that differs; None where one of the two doesn't have it."""

    path: str
    """As in `factors.login_frequency.target`."""
    before: Any
    after: Any


def write_model(model: ScoringModel) -> str:
    """The model's TOML: `scoring.model.parse_model` reads it back as an equal one."""
    return tomli_w.dumps(_without_nulls(model.definition()))


def differences(before: ScoringModel | None, after: ScoringModel) -> list[Difference]:
    """What publishing `after` changes about `before`, by path; everything where there is none."""
    old = dict(_leaves(before.definition())) if before else {}
    new = dict(_leaves(after.definition()))
    return [
        Difference(path, old.get(path), new.get(path))
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    ]


def _leaves(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        if isinstance(item, Mapping):
            yield from _leaves(item, f"{path}{name}.")
        else:
            yield path + name, item


def _without_nulls(value: Mapping[str, Any]) -> dict[str, Any]:
    """TOML has no null: what is unset is left out."""
    return {
        name: _without_nulls(item) if isinstance(item, Mapping) else item
        for name, item in value.items()
        if item is not None
    }
