"""The audit log's page: the entries, their filters and pages, and who may open it."""

from datetime import date

import pytest
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from services import audit
from services.actor import Actor
from services.audit_reading import AuditFilters
from tests.app.conftest import OpenPage
from ui import page
from ui.admin import audit_table

pytestmark = pytest.mark.app


def arrange(session: Session) -> None:
    """45 changes of two people, beside what the start published."""
    for number in range(45):
        by = Actor(("ada@example.com", "=1+1")[number % 2], "dashboard", "192.0.2.7", None)
        fields = ["name", "arr"]
        about = f"customer:{number}"
        audit.record(session, by=by, action="customer.changed", subject=about, fields=fields)
    session.commit()


def subjects(at: AppTest) -> list[str]:
    assert not at.exception
    return list(at.dataframe[0].value["subject"])


def customers(first: int, last: int, step: int = -1) -> list[str]:
    return [f"customer:{number}" for number in range(first, last + step, step)]


def test_pages_and_filters(open_page: OpenPage, session: Session) -> None:
    arrange(session)
    at = open_page(page.AUDIT)
    assert subjects(at) == customers(44, 25)
    row = at.dataframe[0].value.iloc[0]
    assert list(row[["actor", "action", "fields", "via", "address"]]) == [
        "ada@example.com", "Customer changed", "name, arr", "dashboard", "192.0.2.7",
    ]  # fmt: skip
    assert at.button(key="audit-newer").disabled
    at.button(key="audit-older").click().run()
    assert subjects(at) == customers(24, 5)
    at.button(key="audit-older").click().run()
    assert subjects(at)[:5] == customers(4, 0)
    assert at.button(key="audit-older").disabled
    at.button(key="audit-newer").click().run()
    assert subjects(at) == customers(24, 5)
    at.selectbox(key="actor").select("ada@example.com").run()
    assert subjects(at) == customers(44, 6, -2)  # from the newest again
    at.selectbox(key="action").select("Customer erased").run()
    assert not at.exception
    assert not at.dataframe
    at.button(key="clear-empty").click().run()
    assert subjects(at) == customers(44, 25)


def test_an_address_holds_the_filters(open_page: OpenPage, session: Session) -> None:
    arrange(session)
    query = {"subject": "customer:7", "action": "Customer changed", "actor": "=1+1"}
    at = open_page(page.AUDIT, query)
    assert subjects(at) == ["customer:7"]
    day = date.fromisoformat(at.dataframe[0].value["at"][0][:10])
    at.date_input(key="days").set_value((day, day)).run()
    assert subjects(at) == ["customer:7"]
    at.date_input(key="days").set_value((date(2020, 1, 1), date(2020, 1, 2))).run()
    assert not at.dataframe


def test_the_file_is_what_the_filters_leave(session: Session) -> None:
    arrange(session)
    content = audit_table.file_of(AuditFilters(actor="=1+1")).decode("utf-8-sig")
    assert len(content.splitlines()) == 1 + 22
    assert ",'=1+1,dashboard," in content
