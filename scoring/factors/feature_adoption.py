"""How much of the product is used."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Field, model_validator

from scoring.factors.base import Columns, KeyNumber, Params, Row, Scores
from scoring.factors.usage import (
    UsageFactor,
    prorated,
    prorated_details,
    spoken_target,
    told_target,
)
from scoring.signals import Signal
from scoring.text import days, listed, moved, number, percent, plural

FeatureName = Annotated[str, Field(min_length=1, max_length=100)]
SHOWN = 3
"""Unused features named beside the sentence."""


class FeatureParams(Params):
    """Parameters of feature_adoption."""

    target_features: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        description="distinct features that score 100; needed unless there are `key_features`",
        default=None,
    )
    key_features: tuple[FeatureName, ...] = Field(
        description="the only features that count, and their number the target",
        default=(),
        strict=False,
    )
    advanced_features: tuple[FeatureName, ...] = Field(
        description="features reported separately when used; they don't change the score",
        default=(),
        strict=False,
    )

    @model_validator(mode="after")
    def _has_a_target(self) -> Self:
        if not self.key_features and self.target_features is None:
            raise ValueError("target_features or key_features is required")
        return self

    @property
    def target(self) -> int:
        """Distinct features that score 100."""
        return len(set(self.key_features)) or self.target_features or 1


class FeatureAdoption(UsageFactor[FeatureParams]):
    """Distinct features used against a target."""

    name = "feature_adoption"
    label = "Feature adoption"
    formula = (
        "100 · min(1, distinct features used in window / target_features); with `key_features` "
        "only these count and their number is the target"
    )
    description = "How broad the use is. Customers who use one feature are easily replaced."
    source = "feature_use"
    source_label = "feature uses"
    params_type = FeatureParams

    def signals(self, params: FeatureParams) -> tuple[Signal, ...]:
        return (Signal("features_used", params.window, keys=params.key_features),)

    def detail_signals(self, params: FeatureParams) -> tuple[Signal, ...]:
        return (Signal("feature_names", params.window), Signal("other_features", params.window))

    def evaluate(self, columns: Columns, params: FeatureParams) -> Scores:
        (used,) = self.signals(params)
        target = prorated(params.target, columns, params.window)
        return 100.0 * np.minimum(1.0, columns[used.column] / target)

    def details(self, row: Row, params: FeatureParams) -> dict[str, Any]:
        (counted,) = self.signals(params)
        names, others = (_names(row[signal.column]) for signal in self.detail_signals(params))
        used = int(row[counted.column])
        target = prorated_details(params.target, row, params.window, name="target_features")
        advanced = sorted(set(params.advanced_features))
        if params.key_features:
            others = [name for name in dict.fromkeys(params.key_features) if name not in names]
        return {
            **target,
            "features_used": used,
            "adoption_rate": min(1.0, used / target["target_features"]),
            "features": names,
            "key_features_only": bool(params.key_features),
            "unused_features": others,
            "advanced_features_used": [name for name in advanced if name in names],
            "advanced_features": advanced,
        }

    def summarise(self, details: Mapping[str, Any]) -> str:
        used, kind = details["features_used"], "key " if details["key_features_only"] else ""
        window, target = days(details["observed_days"]), details["target_features"]
        spoken = spoken_target(details, "target_features")
        if not used:
            return f"No {kind}features used in {window}, of a {spoken}."
        if used > target or details["pro_rated"]:
            above = "above the" if used > target else "of a"
            return f"{plural(used, kind + 'feature')} used in {window}, {above} {spoken}."
        return f"{number(used)} of {plural(target, kind + 'feature')} used in {window}."

    def recommend(self, details: Mapping[str, Any]) -> str:
        unused, used = details["unused_features"], details["features_used"]
        window = days(details["observed_days"])
        if unused:
            why = (
                "of the features that matter most, still unused"
                if details["key_features_only"]
                else "which other customers use and this one does not"
            )
            return f"Offer a session on {listed(unused[:2])}, {why}."
        if not used:
            return f"Offer a guided tour: no feature was used in {window}."
        missing = math.ceil(details["target_features"] - used)
        return (
            f"Offer a session on unused features: {plural(missing, 'feature')} short of the target."
        )

    def numbers(self, details: Mapping[str, Any]) -> list[KeyNumber]:
        of_target = f"{number(details['features_used'])} of {number(details['target_features'])}"
        found = [
            KeyNumber("Used", of_target),
            KeyNumber("Adoption", percent(details["adoption_rate"])),
        ]
        if details["advanced_features"]:
            used, known = details["advanced_features_used"], details["advanced_features"]
            found.append(KeyNumber("Advanced", f"{len(used)} of {len(known)}"))
        if details["unused_features"]:
            found.append(KeyNumber("Unused", ", ".join(details["unused_features"][:SHOWN])))
        return found

    def tell_change(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
        window, target = days(now["observed_days"]), told_target(was, now, "target_features")
        kind = "key " if now["key_features_only"] else ""
        before, after = was["features_used"], now["features_used"]
        if before == after:
            used = plural(after, f"{kind}feature")
            return f"{used} used in {window}, as before{target}"
        gone, word = (
            (_only_in(was, now), "no longer") if after < before else (_only_in(now, was), "new")
        )
        names = f" ({word}: {listed(gone[:SHOWN])})" if gone else ""
        what = f"{kind}features used".capitalize()
        return f"{moved(what, before, after)} in {window}{target}{names}"


def _only_in(these: Mapping[str, Any], those: Mapping[str, Any]) -> list[str]:
    """Features of one day that the other lacks; of key features, only those."""
    names = [name for name in these["features"] if name not in those["features"]]
    if these["key_features_only"]:
        names = [name for name in names if name in those["unused_features"]]
    return names


def _names(value: Sequence[Any] | None) -> list[str]:
    return [] if value is None else [str(name) for name in value]
