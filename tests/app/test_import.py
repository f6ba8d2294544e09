"""The page Import: from an empty page to counts, rejected rows and what to do next."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from db.engine import dispose_engine
from services.audit_reading import AuditFilters, entries_page
from services.clock import utc_day, utc_now
from services.health import customer_health
from services.imports import KINDS, Kind
from settings import get_settings
from tests.app.arrange import add_customer
from tests.app.conftest import OpenPage
from tests.support.actors import TESTER
from tests.support.ports import free_port
from ui import page
from ui.imports.draft import KIND
from ui.imports.examples import example
from ui.imports.jobs import imports
from ui.imports.upload import SPOOL
from ui.text import plain

pytestmark = pytest.mark.app

EVENTS = """customer,what,timestamp,user_id
{id},login,{now},ada
{id},login,yesterday,ada
{id},sleep,{now},ada
4711,login,{now},ada
{id},login,{now},ada,more,and more
"""


def _give(at: AppTest, content: str | bytes, name: str = "file.csv") -> AppTest:
    """Hands a file over as the page's own uploader does, in two pieces."""
    data = content.encode() if isinstance(content, str) else content
    spool = imports().new_spool(name=name, size=len(data))
    spool.append(0, data[:10])
    spool.append(10, data[10:])
    at.session_state[SPOOL] = spool
    return at.run()


def _import(at: AppTest, kind: Kind) -> AppTest:
    at.button(key="import-start").click().run()
    return _until(at, lambda: "import-cancel" not in _buttons(at), f"the import of {kind} ended")


def _buttons(at: AppTest) -> set[str | None]:
    return {button.key for button in at.button}


def _until(at: AppTest, happened: Callable[[], Any], what: str) -> AppTest:
    _poll(lambda: at.run() and happened(), what)
    return at


def _poll(happened: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def _column(at: AppTest, label: str) -> Any:
    (box,) = [box for box in at.selectbox if box.label.removesuffix(" (required)") == label]
    return box


def _label(element: Any) -> Any:
    return element.label


def _kind(at: AppTest) -> Any:
    return at.get_by_key(KIND)


def _counts(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def _texts(at: AppTest) -> str:
    found = [*at.markdown, *at.caption, *at.warning, *at.error, *at.subheader]
    return "\n".join(plain(element.value).replace("\\", "") for element in found)


def test_an_empty_database_explains_what_is_needed(open_page: OpenPage) -> None:
    at = open_page(page.IMPORT)
    assert not at.exception
    assert at.title[0].value == "Import"
    for kind in KINDS:
        _kind(at).set_value(kind).run()
        assert f"What a file of {kind} needs" in _texts(at)
        assert [_label(button) for button in at.get("download_button")] == [f"Example of {kind}"]
    assert "the customer (by external id, email or id), ticket id, opened" in _texts(at)


def test_the_examples_import_as_they_are(open_page: OpenPage, session: Session) -> None:
    today = utc_day(utc_now())
    for kind in KINDS:
        at = _give(open_page(page.IMPORT), example(kind, today))
        assert _kind(at).value == kind
        assert not at.warning
        _import(at, kind)
        assert not at.exception
        assert _counts(at)["Rejected"] == "0"
        assert int(_counts(at)["Accepted"]) > 0
    scores = [
        customer_health(session, customer_id=number, now=utc_now()).overall_score
        for number in (1, 2, 3)
    ]
    assert all(score is not None for score in scores)
    told = entries_page(session, filters=AuditFilters(actor="visitor"), limit=500).items
    ended = [entry.subject for entry in told if entry.action == "import.finished"]
    assert [subject.partition("-")[0] for subject in reversed(ended)] == [
        f"import:{kind}" for kind in KINDS
    ]
    assert {entry.via for entry in told} == {"dashboard"}


def test_rejected_rows_are_told_and_given_back(open_page: OpenPage, session: Session) -> None:
    number = add_customer(session)
    at = open_page(page.IMPORT)
    content = EVENTS.format(id=number, now=(utc_now() - timedelta(hours=1)).isoformat())
    _give(at, content, "what happened.csv")
    _kind(at).set_value("events").run()

    assert "Check what happened.csv" in _texts(at)
    assert at.dataframe[0].value["what"].tolist() == ["login", "login", "sleep", "login", "login"]
    assert "No column is mapped to event_type" in _texts(at)
    assert at.button(key="import-start").disabled
    _column(at, "Event type").set_value("what").run()
    _column(at, "Customer id").set_value("customer").run()
    assert not at.warning

    _import(at, "events")
    assert _counts(at) == {"Accepted": "1", "Duplicates": "0", "Rejected": "4"}
    told = _texts(at)
    assert "Row 3: timestamp:" in told
    assert "Row 4: " in told
    assert "Row 5: There is no customer 4711." in told
    assert "Row 6: The row has 6 cells, the header 4." in told
    job = imports().job
    assert job
    assert (
        job.rejected_path.read_text().splitlines()[0]
        == "customer,what,timestamp,user_id,row,reason"
    )
    assert [path.name for path in imports().folder.iterdir()] == [job.rejected_path.name]

    _give(at, content)
    _kind(at).set_value("events").run()
    _column(at, "Event type").set_value("what").run()
    _column(at, "Customer id").set_value("customer").run()
    _import(at, "events")
    assert _counts(at) == {"Accepted": "0", "Duplicates": "1", "Rejected": "4"}


def test_a_file_that_is_none_is_refused_in_words(open_page: OpenPage) -> None:
    at = open_page(page.IMPORT)
    _give(at, b"name,email\nCaf\xe9,x@y.example\n")
    assert "not UTF-8" in _texts(at)
    assert not at.exception
    _give(at, "")
    assert "no header" in _texts(at)


def test_rows_that_name_customers_wait_for_customers(open_page: OpenPage) -> None:
    at = _give(open_page(page.IMPORT), example("tickets", utc_day(utc_now())))
    assert "There are no customers yet" in plain(at.warning[0].value)
    assert at.button(key="import-start").disabled


def test_a_mistake_in_the_middle_says_what_is_stored(open_page: OpenPage) -> None:
    at = open_page(page.IMPORT)
    _give(at, 'name,email,segment\nAcme,a@acme.example,smb\n"Open,b@acme.example,smb\n')
    if not at.error:
        _import(at, "customers")
    assert "quote" in _texts(at)


def test_the_mapping_is_kept_while_another_page_is_shown(
    open_page: OpenPage, session: Session
) -> None:
    add_customer(session)
    at = _give(open_page(page.IMPORT), example("invoices", utc_day(utc_now())))
    _column(at, "Due date").set_value("paid_date").run()
    at.switch_page(page.CUSTOMERS).run()
    at.switch_page(page.IMPORT).run()
    assert _kind(at).value == "invoices"
    assert _column(at, "Due date").value == "paid_date"


def test_every_session_sees_the_last_import(open_page: OpenPage) -> None:
    _import(_give(open_page(page.IMPORT), example("customers", utc_day(utc_now()))), "customers")
    other = open_page(page.IMPORT)
    assert "Imported file.csv" in _texts(other)
    assert _counts(other) == {"Accepted": "3", "Duplicates": "0", "Rejected": "0", "Updated": "0"}


def test_a_file_that_nobody_came_for_is_deleted_a_day_later() -> None:
    yesterday = time.time() - 90_000
    old, young = (imports().new_spool(name=name, size=1) for name in ("old", "young"))
    os.utime(old.path, (yesterday, yesterday))
    imports().new_spool(name="next", size=1)
    assert not old.path.exists()
    assert young.path.exists()


def test_an_import_that_lost_the_database_goes_on_later(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = example("customers", utc_day(utc_now())).encode()
    spool = imports().new_spool(name="file.csv", size=len(content))
    spool.append(0, content)
    nobody = f"postgresql://postgres@127.0.0.1:{free_port()}/nothing"
    _use_database(nobody, monkeypatch)
    fields = ("external_id", "name", "email", "segment", "created_at")
    imports().start(spool, "customers", {name: name for name in fields}, by=TESTER)
    job = imports().job
    assert job
    _poll(lambda: not job.running, "the import gave up")

    _use_database(database_url, monkeypatch)
    at = open_page(page.IMPORT)
    assert "The database went away" in _texts(at)
    at.button(key="import-again").click().run()
    _until(at, lambda: "import-cancel" not in _buttons(at), "the import ended")
    assert _counts(at)["Accepted"] == "3"
    assert not spool.path.exists()


def _use_database(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    get_settings.cache_clear()
    dispose_engine()
