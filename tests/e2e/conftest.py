"""One running product on demo data and one browser for all tests; failures leave a picture."""

import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import URL, make_url
from sqlmodel import Session

from db.embedded import EmbeddedServer
from db.engine import make_engine
from settings import PROJECT_ROOT
from tests.api_server import running_api
from tests.app.arrange import worked_example
from tests.e2e.dashboard import running_dashboard
from tests.support.databases import environment_on, fresh_database
from ui import format as as_text

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ARTIFACTS = PROJECT_ROOT / "test-artifacts"
WAIT = 30_000  # ms


class Demo(NamedTuple):
    """A running product on demo data."""

    dashboard: str
    api: str
    environment: dict[str, str]


class Product(NamedTuple):
    """The same before a browser's page, with a customer that is this test's own."""

    page: Page
    dashboard: str
    api: str
    customer_id: int


@pytest.fixture(scope="session")
def demo(
    database_server: EmbeddedServer,
    template_database: URL,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Demo]:
    """Dashboard and REST API as processes of their own, on forty demo customers."""
    log = tmp_path_factory.mktemp("demo") / "dashboard.log"
    with fresh_database(database_server, template_database) as url:
        environment = environment_on(url, SEED_ON_START="true", SEED_CUSTOMERS="40")
        subprocess.run(
            [sys.executable, "-m", "services.startup"],
            env=environment,
            cwd=PROJECT_ROOT,
            check=True,
        )
        with running_api(environment) as api, running_dashboard(environment, log) as dashboard:
            yield Demo(dashboard, api, environment)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        expect.set_options(timeout=WAIT)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A desktop's page of 1280 × 900; a picture of it is kept when the test fails."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(WAIT)
    failed_before = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed_before:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{request.node.name}.png", full_page=True)
    page.context.close()


@pytest.fixture
def product(demo: Demo, visit: Page) -> Product:
    """The customer of the worked example, another one for each test."""
    engine = make_engine(make_url(demo.environment["DATABASE_URL"]))
    with Session(engine) as session:
        email = f"{uuid4().hex}@acme.example"
        customer_id = worked_example(session, "Acme Ltd", email=email, owner="Tom", arr=220_000)
    engine.dispose()
    return Product(visit, demo.dashboard, demo.api, customer_id)


def score(product: Product) -> str:
    """The score that REST tells, as the pages write it."""
    health = httpx.get(f"{product.api}/api/customers/{product.customer_id}/health").json()
    return as_text.score(health["overall_score"])


def settled(page: Page) -> None:
    """Waits until the page has been drawn to its end."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
