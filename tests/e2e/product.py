"""The whole product for one test: API, dashboard and a browser, on a database of two customers."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from playwright.sync_api import Page
from sqlmodel import Session

from tests.api_server import running_api
from tests.app.arrange import add_customer, worked_example
from tests.e2e.dashboard import running_dashboard
from ui import format as as_text


class Product(NamedTuple):
    """A browser's page, the two addresses, and the customer of the worked example."""

    page: Page
    dashboard: str
    api: str
    customer_id: int


@pytest.fixture
def product(
    session: Session, server_env: dict[str, str], tmp_path: Path, visit: Page
) -> Iterator[Product]:
    """The worked example, and a customer that does nothing, in a running product."""
    customer_id = worked_example(session, "Acme Ltd", owner="Tom Okafor", arr=220_000)
    add_customer(session, "Empty Inc")
    with (
        running_api(server_env) as api,
        running_dashboard(server_env, tmp_path / "dashboard.log") as dashboard,
    ):
        yield Product(visit, dashboard, api, customer_id)


def score(product: Product) -> str:
    """The score that REST tells, as the pages write it."""
    health = httpx.get(f"{product.api}/api/customers/{product.customer_id}/health").json()
    return as_text.score(health["overall_score"])
