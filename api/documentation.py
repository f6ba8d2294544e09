"""What `/docs` says beyond the types: examples, errors, headers."""

from collections.abc import Mapping
from typing import Any

from api.examples import BULK
from api.problems import MEDIA_TYPE
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
    {"name": "models", "description": "How scores are made, and what another way would do."},
    {"name": "audit", "description": "Who changed what, when, from where."},
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

BULK_EVENTS = BULK_EVENT_ADAPTER.json_schema(ref_template=REFERENCE)
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
                                {"oneOf": BULK_EVENTS["oneOf"]},
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
    401: "The request brings no valid key or token.",
    403: "The key or token lacks the scope that the call needs.",
    404: "There is no such customer or scoring model.",
    409: "It contradicts what is stored.",
    413: "The body or the event is too large.",
    415: "The body isn't declared as UTF-8 JSON, plain or as gzip.",
    422: "Malformed or invalid input; `errors` names each value.",
    429: "Too many requests, or too many without a valid key; see `Retry-After`.",
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
    return found | {status: refusal(status) for status in {*refusals, 503}}


def refusal(status: int) -> dict[str, Any]:
    """What a refusal with this status looks like."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": _REASONS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
