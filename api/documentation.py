"""What `/docs` says beyond the types: examples, errors, headers."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.examples import BULK
from api.problems import MEDIA_TYPE, Problem
from services.bulk_items import BULK_EVENT_ADAPTER, MAX_ITEMS

DESCRIPTION = """
Who is at risk, why, since when, and what to do about it.

Everything under `/api` is served the same under `/api/v1`. Errors are RFC 9457 problem details.
Lists are arrays; the next page's address is in the `Link` header.
"""

REFERENCE = "#/components/schemas/{model}"

TAGS = [
    {"name": "customers", "description": "Companies that pay."},
    {"name": "scores", "description": "Live, exact and explained."},
    {"name": "events", "description": "Stored facts, and the tickets and invoices they tell of."},
    {"name": "dashboard", "description": "The portfolio."},
    {"name": "service", "description": "The process itself."},
]

PAGE_HEADERS = {
    "Link": {
        "description": 'Address of the next page, `rel="next"`; absent on the last page.',
        "schema": {"type": "string"},
    }
}
TOTAL_HEADER = {
    "X-Total-Count": {
        "description": "How many the filters leave; on the first page.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    }
}
LOCATION_HEADER = {
    "Location": {
        "description": "Where the customer is from now on.",
        "schema": {"type": "string"},
    }
}

_BULK_EVENTS = BULK_EVENT_ADAPTER.json_schema(ref_template=REFERENCE)
BULK_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "example": BULK,
            "schema": {
                "type": "object",
                "required": ["events"],
                "additionalProperties": False,
                "properties": {
                    "events": {
                        "type": "array",
                        "maxItems": MAX_ITEMS,
                        "items": {
                            "anyOf": [
                                {"oneOf": _BULK_EVENTS["oneOf"]},
                                {"description": "Anything else is rejected, by itself."},
                            ]
                        },
                    }
                },
            },
        }
    },
}
"""The body of `POST /api/events`, which the route reads by itself."""

_REASONS = {
    404: "There is no such customer.",
    409: "It contradicts what is stored.",
    413: "The body or the event is too large.",
    415: "The body isn't declared as UTF-8 JSON, plain or as gzip.",
    422: "Malformed or invalid input; `errors` names each value.",
    503: "The database can't answer now; see `Retry-After`.",
}


def example(value: object, headers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A successful answer's example and headers."""
    described: dict[str, Any] = {"content": {"application/json": {"example": value}}}
    return described | ({"headers": dict(headers)} if headers else {})


def answers(
    *refusals: int,
    ok: Mapping[str, Any] | None = None,
    created: Mapping[str, Any] | None = None,
    mixed: Mapping[str, Any] | None = None,
) -> dict[int | str, dict[str, Any]]:
    """What a route can answer: examples of success, and every refusal as a problem."""
    found: dict[int | str, dict[str, Any]] = {}
    if ok:
        found[200] = {"description": "OK", **ok}
    if created:
        found[201] = {"description": "Created", **created}
    if mixed:
        found[207] = {"description": "Some are not stored", **mixed}
    for status in {*refusals, 503}:
        schema = {"$ref": "#/components/schemas/Problem"}
        found[status] = {
            "description": _REASONS[status],
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
    return found


def describe_errors(app: FastAPI) -> None:
    """Give the schema what no route names by type: problems, and the events of a bulk body."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                tags=app.openapi_tags,
                routes=app.routes,
            )
            problem = Problem.model_json_schema(ref_template=REFERENCE)
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(_BULK_EVENTS["$defs"])
            schemas.update(problem.pop("$defs"), Problem=problem)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
