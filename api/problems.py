"""Errors as RFC 9457 problem details, with stable types and nothing of the inside."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from db.embedded import EmbeddedError
from db.session import is_unavailable, is_unmigrated
from services.current_request import current_request
from services.errors import Conflict, InvalidInput, NotFound, ServiceError
from services.events import field_path
from services.scoring_models import NotPreparedError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
MAX_ERRORS = 20
METHODS = ("GET", "POST", "PATCH", "DELETE")

log = logging.getLogger(__name__)


class FieldError(BaseModel):
    """One value that can't be used."""

    location: str = Field(description="`body`, `query` or `path`", examples=["body"])
    field: str = Field(description="The value's path", examples=["event_data.amount"])
    message: str = Field(examples=["Input should be greater than 0"])


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(examples=["urn:customer-health:problem:unknown-customer"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no customer 4711."])
    errors: list[FieldError] | None = Field(default=None, description="With 422: what is wrong.")


class ProblemError(HTTPException):
    """A refusal that only HTTP knows, such as a media type."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.errors = errors


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer to a request that failed; its code goes into the log and the metrics."""
    request = current_request.get()
    if request is not None:
        request.problem = code
    body = Problem(
        type=f"urn:customer-health:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=list(errors) or None,
    )
    text = json.dumps(body.model_dump(exclude_none=True), ensure_ascii=False)
    # A lone surrogate from the input's keys would not encode: it becomes a question mark.
    content = text.encode("utf-8", "replace")
    return Response(content, status, headers=headers, media_type=MEDIA_TYPE)


def unavailable() -> Response:
    """The database can't answer now."""
    return problem(
        503,
        "database-unavailable",
        "The database can't answer right now. Try again shortly.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def install(app: FastAPI) -> None:
    """Make every error of this app a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ServiceError, _refused)
    app.add_exception_handler(SQLAlchemyError, database_failed)
    app.add_exception_handler(EmbeddedError, database_failed)
    app.add_exception_handler(NotPreparedError, _unprepared)
    app.add_exception_handler(Exception, _unexpected)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what Starlette promises
    if isinstance(error, ProblemError):
        return problem(
            error.status_code, error.code, error.detail, errors=error.errors, headers=error.headers
        )
    status = HTTPStatus(error.status_code)
    headers = error.headers
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_allowed(request))}
    code = status.phrase.lower().replace(" ", "-")
    return problem(status, code, error.detail, headers=headers)


def _allowed(request: Request) -> list[str]:
    """The methods that the path takes; Starlette knows those of its first route only."""
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    routes = request.app.routes
    taken = [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in routes)
    ]
    return ["HEAD", *taken] if "GET" in taken else taken


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    found = error.errors()
    if any(item["type"] == "event_too_large" for item in found):
        return problem(413, "event-too-large", "An event may hold up to 32 KB.")
    errors = [_field_error(item) for item in found[:MAX_ERRORS]]
    first = errors[0]
    return problem(422, "invalid-input", f"{first.field}: {first.message}", errors=errors)


def _field_error(item: Mapping[str, Any]) -> FieldError:
    location, *path = item["loc"]
    field = field_path(path, item["type"]) or str(location)
    return FieldError(location=str(location), field=field, message=item["msg"])


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)  # noqa: S101
    if isinstance(error, NotFound):
        return problem(404, error.code, str(error))
    if isinstance(error, Conflict):
        return problem(409, error.code, str(error))
    errors = []
    if isinstance(error, InvalidInput):
        location = "query" if request.method == "GET" else "body"
        field = ".".join(str(part) for part in error.field)
        errors = [FieldError(location=location, field=field, message=str(error))]
    return problem(422, error.code, str(error), errors=errors)


async def database_failed(_request: Request, error: Exception) -> Response:
    """503 where the database can't answer; anything else is a fault of ours, and raised."""
    if is_unavailable(error) or is_unmigrated(error):
        log.warning("the database can't answer: %s", str(error).partition("\n")[0])
        return unavailable()
    raise error


async def _unprepared(_request: Request, _error: Exception) -> Response:
    """Another replica has made the schema and is about to publish the scoring models."""
    return unavailable()


def unexpected() -> Response:
    """A fault of ours."""
    return problem(500, "unexpected", "The request failed because of a fault of the server.")


async def _unexpected(_request: Request, _error: Exception) -> Response:
    # Starlette raises the error again after this answer, so the server logs its traceback.
    return unexpected()
