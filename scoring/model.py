"""A scoring model: which factors count, with what weight and parameters, and the bands."""

import tomllib
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails

from scoring import registry
from scoring.factors.base import Factor, Params
from scoring.problems import ModelError, below, one_line, problem
from scoring.signals import Signal

__all__ = ["SEGMENTS", "Bands", "FactorConfig", "ModelError", "ScoringModel", "parse_model"]

SEGMENTS = ("startup", "smb", "enterprise")
"""Known to every model; a model may name more."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Bands(_Part):
    """Half-open on the unrounded score: healthy ≥ `healthy` > at_risk ≥ `at_risk` > critical."""

    healthy: float = Field(gt=0, le=100)
    at_risk: float = Field(gt=0, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.at_risk >= self.healthy:
            raise ValueError("at_risk must be below healthy")
        return self


class FactorConfig(_Part):
    """A factor's share, parameters, and the parameters that differ per segment."""

    model_config = ConfigDict(extra="allow")

    weight: float = Field(gt=0, le=1)
    segments: dict[Name, dict[str, Any]] = {}

    @property
    def params(self) -> dict[str, Any]:
        """The parameters as written."""
        return dict(self.model_extra or {})

    def params_for(self, segment: str | None) -> dict[str, Any]:
        """The parameters as written, with the segment's overrides."""
        return self.params | self.segments.get(segment or "", {})


class ScoringModel(_Part):
    """A named set of factors, weights, windows, targets and bands; publishing gives the version.

    Raises:
        ValidationError: with the path of each unknown factor or parameter and each wrong value.
    """

    name: Name
    title: str = ""
    description: str = ""
    bands: Bands
    segments: tuple[Name, ...] = Field(SEGMENTS, strict=False)
    factors: dict[str, FactorConfig] = Field(min_length=1)
    _params: dict[tuple[str, str | None], Params] = {}

    @field_validator("segments", mode="after")
    @classmethod
    def _known_and_named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*SEGMENTS, *value)))

    @model_validator(mode="after")
    def _factors_fit(self) -> Self:
        problems: list[InitErrorDetails] = []
        for name, config in self.factors.items():
            problems += self._read_params(name, config)
        total = sum(config.weight for config in self.factors.values())
        if abs(total - 1) > 1e-9:
            problems.append(problem(("factors",), f"weights sum to {total:.10g}, not to 1"))
        if problems:
            raise ValidationError.from_exception_data(f"scoring model {self.name}", problems)
        return self

    def _read_params(self, name: str, config: FactorConfig) -> list[InitErrorDetails]:
        """Keep the factor's typed parameters, and each segment's; the problems found."""
        factor = registry.find(name)
        if factor is None:
            known = ", ".join(known.name for known in registry.FACTORS)
            return [problem(("factors", name), f"unknown factor; known are {known}")]
        problems: list[InitErrorDetails] = []
        for segment in (None, *config.segments):
            path = ("factors", name, *(("segments", segment) if segment else ()))
            if segment and segment not in self.segments:
                problems.append(problem(path, "unknown segment; name it in `segments`"))
                continue
            try:
                params = factor.params_type.model_validate(config.params_for(segment))
            except ValidationError as error:
                problems += [below(path, detail) for detail in error.errors()]
            else:
                self._params[name, segment] = params
            if problems and segment is None:
                break  # every segment would repeat them
        return problems

    def params(self, factor: str, segment: str | None = None) -> Any:
        """The factor's parameters, with the segment's overrides where there are any."""
        return self._params.get((factor, segment)) or self._params[factor, None]

    @property
    def active_factors(self) -> tuple[Factor[Any], ...]:
        """The factors of this model in registry order, the order of summation."""
        return tuple(factor for factor in registry.FACTORS if factor.name in self.factors)

    def signals(self) -> tuple[Signal, ...]:
        """What scoring reads, segments' overrides included, each once, in a stable order."""
        return self._scored_by

    def detail_signals(self) -> tuple[Signal, ...]:
        """What only explanations read besides, each once, in a stable order."""
        return self._explained_by

    def definition(self) -> dict[str, Any]:
        """The model as JSON values; `ScoringModel.model_validate` reads it back."""
        return self.model_dump(mode="json")

    # Kept, as a model never changes: putting them together takes longer than a customer's score.
    @cached_property
    def _scored_by(self) -> tuple[Signal, ...]:
        return self._collect(lambda factor, params: factor.signals(params))

    @cached_property
    def _explained_by(self) -> tuple[Signal, ...]:
        details = self._collect(lambda factor, params: factor.detail_signals(params))
        return tuple(signal for signal in details if signal not in self._scored_by)

    def _collect(self, ask: Callable[[Factor[Any], Any], tuple[Signal, ...]]) -> tuple[Signal, ...]:
        found = {
            signal
            for factor in self.active_factors
            for segment in (None, *self.factors[factor.name].segments)
            for signal in ask(factor, self.params(factor.name, segment))
        }
        return tuple(sorted(found))


def parse_model(text: str) -> ScoringModel:
    """Read a model's TOML.

    Raises:
        ModelError: one line that names each problem's path.
    """
    try:
        return ScoringModel.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"not a TOML file: {error}") from None
    except ValidationError as error:
        raise ModelError(one_line(error)) from None
