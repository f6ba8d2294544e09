"""The database stops and comes back while somebody looks at the dashboard."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from db.embedded import EmbeddedServer
from tests.e2e.dashboard import running_dashboard
from tests.support.databases import FAST, environment_on

pytestmark = pytest.mark.e2e

AWAY = "The database is away"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a database lives that the test may stop."""
    with tempfile.TemporaryDirectory(prefix="customer-health-offline-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def test_it_says_so_calmly_and_comes_back_by_itself(
    folder: Path, tmp_path: Path, visit: Page
) -> None:
    server = EmbeddedServer(folder, FAST)
    url = server.url.render_as_string(hide_password=False)
    environment = environment_on(url, SEED_ON_START="true", SEED_CUSTOMERS="6")
    log = tmp_path / "dashboard.log"
    with running_dashboard(environment, log) as url:
        visit.goto(url)
        expect(visit.get_by_role("heading", name="Overview")).to_be_visible()
        server.close()

        expect(visit.get_by_role("heading", name=re.compile(AWAY))).to_be_visible()
        expect(visit.get_by_text(re.compile(r"Last try at \d\d:\d\d:\d\d UTC"))).to_be_visible()
        expect(visit.get_by_test_id("stException")).to_have_count(0)
        visit.get_by_role("link", name="Customers").click()  # navigation stays
        expect(visit).to_have_url(re.compile("/customers$"))
        expect(visit.get_by_role("heading", name=re.compile(AWAY))).to_be_visible()

        back = EmbeddedServer(folder, FAST)
        back.ensure_running()
        assert back.url == server.url
        expect(visit.get_by_role("heading", name="Customers")).to_be_visible()
        expect(visit.get_by_text(re.compile(r"1–\d of \d customer"))).to_be_visible()
        back.close()
    assert "Traceback" not in log.read_text(encoding="utf-8")
