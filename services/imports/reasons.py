"""Why a row is rejected, as one line that names the field."""

from collections.abc import Mapping

from pydantic import ValidationError

from services.errors import InvalidInput, ServiceError
from services.event_content import printable
from services.events import path_in_event

_MOST = 3


class RowRejected(Exception):  # noqa: N818 - a verdict, named as callers say it
    """A row that can't be stored; `str(error)` says why."""


def explain(error: ValidationError | ServiceError, names: Mapping[str, str]) -> str:
    """The reason; `names` are the fields that a kind calls differently."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        told = [_sentence(problem["loc"], problem["msg"], names) for problem in found[:_MOST]]
        return "; ".join(told)
    if isinstance(error, InvalidInput):
        return _sentence(error.field, str(error), names)
    return str(error)


def _sentence(path: tuple[str | int, ...], message: str, names: Mapping[str, str]) -> str:
    known = path_in_event(path)
    if known and known[0] == "event_data" and len(known) > 1:
        known = known[1:]
    if not known:
        return message
    field = printable(tuple(known))
    return f"{names.get(field, field)}: {message}"
