"""What is wrong with a scoring model, each problem with its path."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError


class ModelError(ValueError):
    """A scoring model that can't be used; the message names each problem's path."""


def problem(path: tuple[str, ...], message: str) -> InitErrorDetails:
    """One problem at a path, for a ValidationError."""
    kind = PydanticCustomError("scoring_model", "{message}", {"message": message})
    return InitErrorDetails(type=kind, loc=path, input=None)


def below(path: tuple[str, ...], detail: ErrorDetails) -> InitErrorDetails:
    """A parameter's problem, moved below its factor's path."""
    unknown = detail["type"] == "extra_forbidden"
    return problem(
        (*path, *(str(part) for part in detail["loc"])),
        "unknown parameter" if unknown else _words(detail),
    )


def one_line(error: ValidationError) -> str:
    """`factors.login_frequency.target: Field required; bands.healthy: …`."""
    return "; ".join(
        ".".join(str(part) for part in detail["loc"]) + ": " + _words(detail)
        for detail in error.errors(include_url=False)
    )


def _words(detail: ErrorDetails) -> str:
    return detail["msg"].removeprefix("Value error, ")
