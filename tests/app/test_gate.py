"""What a visitor sees before there is anything to see."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from db.engine import dispose_engine
from db.session import read
from services.audit_reading import AuditFilters, entries_page
from settings import PROJECT_ROOT, get_settings
from tests.app.arrange import add_customer
from tests.app.conftest import OpenPage
from ui import page

pytestmark = pytest.mark.app

PAGES = [page.OVERVIEW, page.CUSTOMERS, page.CUSTOMER, page.RECORD_EVENT]


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_database_says_what_to_do(open_page: OpenPage, path: str) -> None:
    at = open_page(path)
    assert not at.exception
    assert at.title[0].value == "No customers yet"
    assert at.button(key="load-demo").label == "Load demo data"
    assert "Import a CSV file" in [link.label for link in at.page_link]
    port = get_settings().api_port
    assert f":{port}/api/customers" in at.code[0].value or "/api/customers" in at.code[0].value


def test_demo_data_is_one_click_away(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEED_CUSTOMERS", "12")
    get_settings.cache_clear()
    at = open_page(page.OVERVIEW)
    at.button(key="load-demo").click().run(timeout=120)
    assert not at.exception
    assert at.title[0].value == "Overview"
    assert int(at.metric[0].value) > 0
    with read() as session:
        (entry,) = entries_page(session, filters=AuditFilters(action="demo-data.loaded")).items
    assert (entry.actor, entry.via) == ("visitor", "dashboard")


def test_the_first_customer_opens_the_gate(open_page: OpenPage, session: Session) -> None:
    assert open_page(page.OVERVIEW).title[0].value == "No customers yet"
    add_customer(session)
    at = open_page(page.CUSTOMERS)
    assert at.title[0].value == "Customers"


@pytest.mark.parametrize("path", [*PAGES, page.IMPORT])
def test_a_page_does_not_run_without_app_py(engine: Engine, path: str) -> None:
    at = AppTest.from_file(str(PROJECT_ROOT / path)).run(timeout=20)
    assert not at.exception
    assert not at.title
    assert not at.main.children


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SCORING_MODEL", "unheard", "SCORING_MODEL 'unheard' is neither"),
        ("UI_PORT", "none", "Configuration error: UI_PORT"),
    ],
)
def test_a_wrong_setting_is_said_in_one_line(
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    value: str,
    reason: str,
) -> None:
    monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    assert_cannot_start(open_page(page.OVERVIEW), caplog, reason)


def test_a_newer_schema_is_said_in_one_line(
    open_page: OpenPage, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    session.connection().execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    session.commit()
    assert_cannot_start(open_page(page.CUSTOMERS), caplog, "schema revision 9999_future")


def test_an_unusable_data_dir_is_said_in_one_line(
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("DATA_DIR", str(file))
    get_settings.cache_clear()
    dispose_engine()
    assert_cannot_start(open_page(page.OVERVIEW), caplog, f"DATA_DIR {file}")


def assert_cannot_start(at: AppTest, caplog: pytest.LogCaptureFixture, reason: str) -> None:
    assert not at.exception
    assert "The dashboard can't start" in at.subheader[0].value
    assert reason in at.code[0].value
    assert "\n" not in at.code[0].value
    said = [record for record in caplog.records if record.name == "ui.gate"]
    assert {record.getMessage() for record in said} == {at.code[0].value}
    assert not any(record.exc_info for record in said)
