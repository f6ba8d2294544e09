"""Labels come from routes, never from what a client sends."""

import pytest

from api.route_templates import UNMATCHED, RouteTemplates

pytestmark = pytest.mark.unit

KNOWN = ["/", "/health", "/health/ready", "/api/customers", "/api/customers/{customer_id}/events"]


@pytest.mark.parametrize("template", KNOWN)
def test_a_route_is_found_by_its_paths(template: str) -> None:
    path = template.replace("{customer_id}", "42")
    assert RouteTemplates(KNOWN).of(path) == template


@pytest.mark.parametrize(
    "path",
    ["", "/api", "/api/customers/42", "/api/customers/", "/health/", "/{}", "//", "/a@b.example",
     "/api/customers/42/events/7", "/customers/42", "*"],
)  # fmt: skip
def test_any_other_path_is_unmatched(path: str) -> None:
    assert RouteTemplates(KNOWN).of(path) == UNMATCHED
