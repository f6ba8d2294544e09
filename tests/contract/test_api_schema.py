"""The running API against its own schema: generated requests, no 5xx, answers as documented."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from sqlalchemy import Engine

from tests.api_server import running_api
from tests.support.hostile_runs import REQUESTS, SEED, Stored, watched

pytestmark = pytest.mark.contract

OPERATIONS = 29
EXAMPLES = max(20, REQUESTS // 90)
"""Generated requests an operation and mode: where fewer differ, there are fewer."""

load_all_checks()
CHOSEN = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
    ]
)


@pytest.fixture
def api_url(server_env: dict[str, str]) -> Iterator[str]:
    with running_api(server_env) as url:
        with httpx.Client(base_url=url, timeout=30) as client:
            for number in range(3):
                fill(client, number)
        yield url


def fill(client: httpx.Client, number: int) -> None:
    """A customer with something in every list."""
    customer = {"name": f"Acme {number}", "email": f"c{number}@acme.example", "segment": "smb"}
    created = client.post("/api/customers", json=customer).raise_for_status().json()
    for event_type, data in (
        ("login", {"user_id": "ada"}),
        ("api_call", {"endpoint": "/", "count": 300}),
        ("feature_use", {"feature_name": "reports"}),
        ("payment", {"amount": 12.5, "status": "pending"}),
        ("support_ticket", {"priority": "high"}),
    ):
        event = {"event_type": event_type, "event_data": data}
        client.post(f"/api/customers/{created['id']}/events", json=event).raise_for_status()


def test_every_operation_keeps_to_the_schema(
    api_url: str, engine: Engine, record_property: Callable[[str, object], None]
) -> None:
    config = SchemathesisConfig()
    # Invented keys would be refused before anything else is looked at.
    config.projects.default.generation.update(with_security_parameters=False)
    schema = schemathesis.openapi.from_url(f"{api_url}/openapi.json", config=config)
    tested, tried = 0, 0
    with watched(engine) as stored:
        for found in schema.get_all_operations():
            operation = found.ok()  # type: ignore[union-attr]  # an invalid schema fails here
            tried += exercise(operation, schemathesis.GenerationMode.POSITIVE, stored)
            if operation.path_parameters or operation.query or operation.body:
                tried += exercise(operation, schemathesis.GenerationMode.NEGATIVE, stored)
            tested += 1
    assert tested == OPERATIONS
    record_property("hostile_requests", tried)


def exercise(operation: Any, mode: schemathesis.GenerationMode, stored: Stored) -> int:
    """How many requests were tried; one that is refused must leave what is stored as it is."""
    tried = 0

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.integers(1, 6))
    def check(case: Any, known: int) -> None:
        nonlocal tried
        tried += 1
        # Generated ids are hardly ever a customer's: half of the requests get one that is.
        if known <= 3 and mode is schemathesis.GenerationMode.POSITIVE and case.path_parameters:
            case.path_parameters["customer_id"] = known
        response = case.call(base_url=None)
        changed = stored.changed()
        case.validate_response(response, checks=CHOSEN)
        assert not (changed and (response.status_code >= 400 or case.method == "GET"))

    check()
    return tried
