"""The OpenAPI document, beyond what the routes say."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.documentation import BULK_EVENTS, REFERENCE, refusal
from api.problems import Problem

SECURITY_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, or a JWT of the OIDC issuer where one is set, with the scope"
        " that the call needs: `read` for GET, `write` for everything else; `admin` implies both"
        " and is what the audit log needs.",
    },
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "An API key, where a proxy has taken the Authorization header.",
    },
}


def describe(app: FastAPI) -> None:
    """Give the schema what no route names: problems, who may call, the events of a bulk body."""

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
            schemas.update(BULK_EVENTS["$defs"])
            schemas.update(problem.pop("$defs"), Problem=problem)
            _describe_authentication(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _describe_authentication(schema: dict[str, Any]) -> None:
    """Every call but those of `/health` takes a key or a token, and may be refused for it."""
    schema["components"]["securitySchemes"] = SECURITY_SCHEMES
    schema["security"] = [{name: []} for name in SECURITY_SCHEMES]
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            if path.startswith("/health"):
                operation["security"] = []
            else:
                operation["responses"] |= {
                    str(status): refusal(status) for status in (401, 403, 429)
                }
