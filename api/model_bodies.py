"""What is sent to `/api/models`."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.model_examples import MODEL
from scoring.model import ScoringModel
from services.models import MAX_CHARACTERS, MAX_REASON, read_model


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


Reason = Annotated[
    str, Field(min_length=1, max_length=MAX_REASON, examples=["Logins count less in summer."])
]


class GivenModel(_Body):
    """A scoring model, as JSON values or as TOML."""

    definition: dict[str, Any] | None = None
    toml: Annotated[str, Field(max_length=MAX_CHARACTERS)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.definition is None) == (self.toml is None):
            raise ValueError("give exactly one of definition and toml")
        return self

    def model(self) -> ScoringModel:
        """Raises: InvalidInput: it doesn't validate."""
        return read_model(self.toml if self.toml is not None else self.definition or {})


class Publication(GivenModel):
    """A model to publish as its name's next version."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"definition": MODEL["definition"], "reason": MODEL["reason"]}]
        }
    )

    reason: Reason
    activate: bool = Field(default=False, description="Score with it from now on.")


class ActivationIn(_Body):
    """Which version to score with from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": 1, "reason": "As it was before the summer."}]}
    )

    version: int = Field(ge=1, le=2**31 - 1)
    reason: Reason
