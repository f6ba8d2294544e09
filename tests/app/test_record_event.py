"""The entry form: exactly the fields of a type, checked on the server, effect shown at once."""

from datetime import timedelta
from threading import Thread, Timer
from time import sleep
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from services.clock import utc_now
from services.events import EVENT_TYPES
from services.health import customer_health
from tests.app.arrange import add_customer, add_events, worked_example
from tests.app.conftest import OpenPage
from ui import format as as_text
from ui import page
from ui.event_form import TYPE
from ui.record.draft import Draft
from ui.record.fields import fields
from ui.record.picker import CHOSEN
from ui.record.submit import submit
from ui.text import plain

pytestmark = pytest.mark.app


def _texts(at: AppTest) -> list[str]:
    found = [*at.markdown, *at.caption]
    return [plain(element.value).replace("\\", "") for element in found]


def _metrics(at: AppTest) -> dict[str, Any]:
    return {metric.label: metric for metric in at.metric}


def _field(at: AppTest, kind: str, name: str) -> Any:
    """The widget of a field of the form that is on the page now."""
    draft = at.session_state["record-draft"]
    return at.get_by_key(f"{kind}-{name}-{draft.event_id}")


def _choose(at: AppTest, kind: str) -> AppTest:
    at.get("segmented_control")[0].set_value(kind)  # type: ignore[union-attr]
    return at.run()


def _record(at: AppTest) -> AppTest:
    at.form_submit_button[0].click()
    return at.run()


def _stored(session: Session, customer_id: int) -> list[tuple[str, dict[str, Any]]]:
    session.rollback()
    rows = session.connection().execute(
        text(
            "SELECT event_type, data FROM event WHERE customer_id = :id AND source = 'dashboard' "
            "ORDER BY received_at"
        ),
        {"id": customer_id},
    )
    return [(row.event_type, row.data) for row in rows]


def test_without_a_customer_nothing_can_be_recorded(session: Session, open_page: OpenPage) -> None:
    add_customer(session)
    at = open_page(page.RECORD_EVENT)
    assert not at.exception
    assert at.form_submit_button[0].disabled
    assert any("Choose a customer" in text for text in _texts(at))


def test_the_address_chooses_the_customer(session: Session, open_page: OpenPage) -> None:
    add_customer(session, "Other")
    customer_id = worked_example(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    assert at.selectbox(key=CHOSEN).value == customer_id
    assert _metrics(at)["Score now"].value == "78.1"


def test_choosing_puts_the_customer_into_the_address(session: Session, open_page: OpenPage) -> None:
    customer_id = add_customer(session)
    at = open_page(page.RECORD_EVENT)
    at.selectbox(key=CHOSEN).set_value(customer_id).run()
    assert at.query_params["customer"] == str(customer_id)


def test_an_address_that_names_nobody_says_so(session: Session, open_page: OpenPage) -> None:
    add_customer(session)
    at = open_page(page.RECORD_EVENT, {"customer": "4711"})
    assert not at.exception
    assert "names no customer" in at.warning[0].value
    assert at.form_submit_button[0].disabled


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_exactly_the_fields_of_the_type(kind: str, session: Session, open_page: OpenPage) -> None:
    customer_id = add_customer(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    _choose(at, kind)
    draft = at.session_state["record-draft"]
    keys = [key for key in at.session_state.to_dict() if key.endswith(draft.event_id)]
    names = {key.removesuffix(f"-{draft.event_id}").removeprefix(f"{kind}-") for key in keys}
    assert {field.name for field in fields(kind)} | {"when"} <= names
    for field in fields(kind):
        assert _field(at, kind, field.name)


@pytest.mark.parametrize(
    ("kind", "values", "data", "sentence"),
    [
        (
            "login",
            {"user_id": "eve", "session_seconds": 900},
            {"user_id": "eve", "session_seconds": 900},
            "Login frequency went from 75.0 to 80.0: +1.0 points.",
        ),
        (
            "api_call",
            {"endpoint": "/v1/orders", "count": 50},
            {"endpoint": "/v1/orders", "count": 50},
            "API usage went from 76.0 to ",
        ),
        (
            "feature_use",
            {"feature_name": "alerts"},
            {"feature_name": "alerts"},
            "Feature adoption went from 75.0 to 87.5: +1.9 points.",
        ),
        (
            "payment",
            {"amount": 99.5, "invoice_id": "INV-9"},
            {"amount": 99.5, "invoice_id": "INV-9"},
            "Payment timeliness went from 90.0 to 92.0: +0.5 points.",
        ),
        (
            "support_ticket",
            {"priority": "urgent", "subject": "Down"},
            {"priority": "urgent", "subject": "Down"},
            "Support tickets went from 65.0 to 40.0: −2.5 points.",
        ),
    ],
)
def test_each_type_is_recorded_and_moves_its_factor(
    kind: str,
    values: dict[str, Any],
    data: dict[str, Any],
    sentence: str,
    session: Session,
    open_page: OpenPage,
) -> None:
    customer_id = worked_example(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    _choose(at, kind)
    for name, value in values.items():
        _field(at, kind, name).set_value(value)
    _record(at)
    assert not at.exception
    assert not at.error
    assert _stored(session, customer_id) == [(kind, data)]
    after = customer_health(session, customer_id=customer_id, now=utc_now()).overall_score
    assert after is not None
    metrics = _metrics(at)
    assert metrics["Before"].value == "78.1"
    assert metrics["After"].value == as_text.score(after)
    assert any(sentence in told for told in _texts(at))


def test_the_form_is_empty_after_success_and_ready_for_the_next(
    session: Session, open_page: OpenPage
) -> None:
    customer_id = worked_example(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    _field(at, "login", "user_id").set_value("eve")
    _record(at)
    assert _field(at, "login", "user_id").value == ""
    _field(at, "login", "user_id").set_value("ada")
    _record(at)
    users = [data for _, data in _stored(session, customer_id)]
    assert users == [{"user_id": "eve"}, {"user_id": "ada"}]


def test_what_is_wrong_is_told_and_the_input_kept(session: Session, open_page: OpenPage) -> None:
    customer_id = worked_example(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    _choose(at, "payment")
    _field(at, "payment", "amount").set_value(-5.0)
    _field(at, "payment", "invoice_id").set_value("INV-77")
    _record(at)
    assert plain(at.error[0].value).replace("\\", "").startswith("Amount should be greater than 0")
    assert _field(at, "payment", "invoice_id").value == "INV-77"
    assert _field(at, "payment", "amount").value == -5.0
    assert _stored(session, customer_id) == []
    _field(at, "payment", "amount").set_value(5.0)
    _record(at)
    assert not at.error
    assert len(_stored(session, customer_id)) == 1


def _interrupted(at: AppTest, draft: Draft) -> None:
    """As after a click whose run was stopped between the commit and the page's answer."""
    draft.effect = None
    at.session_state["record-draft"] = draft
    at.run()


def test_a_second_click_on_the_same_form_records_once(
    session: Session, open_page: OpenPage
) -> None:
    customer_id = worked_example(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    draft = at.session_state["record-draft"]
    _field(at, "login", "user_id").set_value("eve")
    _record(at)
    _interrupted(at, draft)
    _field(at, "login", "user_id").set_value("eve")
    _record(at)
    assert not at.error
    assert len(_stored(session, customer_id)) == 1
    assert _metrics(at)["Before"].value == "78.1"
    assert _metrics(at)["After"].value == "79.1"


def test_a_second_click_that_reaches_the_next_form_records_nothing(
    session: Session, open_page: OpenPage
) -> None:
    customer_id = worked_example(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    _record(at)
    at.session_state["record-draft"].followed += 60  # however slow this machine is
    _record(at)
    assert _stored(session, customer_id) == [("login", {})]
    assert any("Login stored for" in told for told in _texts(at))
    at.session_state["record-draft"].followed -= 120  # later on it is meant
    _record(at)
    assert _stored(session, customer_id) == [("login", {}), ("login", {})]


def test_what_a_stopped_run_recorded_is_told_by_the_next(
    session: Session, open_page: OpenPage
) -> None:
    customer_id = worked_example(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    draft = at.session_state["record-draft"]
    session.connection().execute(
        text("SELECT FROM customer WHERE id = :id FOR UPDATE"), {"id": customer_id}
    )
    stopped = Thread(target=submit, args=(draft, customer_id, "login", {"user_id": "eve"}, None))
    stopped.start()
    while not draft.recording.locked():
        sleep(0.001)
    Timer(0.5, session.rollback).start()
    at.run()
    stopped.join()
    assert any("Login stored for" in told for told in _texts(at))
    assert _field(at, "login", "user_id").value == ""


def test_the_score_before_is_the_recorded_customers(session: Session, open_page: OpenPage) -> None:
    first = worked_example(session, "First")
    second = add_customer(session, "Second")
    add_events(session, second, [("login", 1, {}), ("api_call", 1, {"endpoint": "/v1"})])
    before = customer_health(session, customer_id=second, now=utc_now()).overall_score
    at = open_page(page.RECORD_EVENT, {"customer": str(first)})
    draft = at.session_state["record-draft"]
    _record(at)
    _interrupted(at, draft)
    at.selectbox(key=CHOSEN).set_value(second).run()
    _record(at)
    assert before is not None
    assert _metrics(at)["Before"].value == as_text.score(before)


def test_the_same_form_with_other_content_is_refused(session: Session, open_page: OpenPage) -> None:
    customer_id = worked_example(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    draft = at.session_state["record-draft"]
    _record(at)
    _interrupted(at, draft)
    _field(at, "login", "user_id").set_value("mallory")
    _record(at)
    assert "already stored with other content" in plain(at.error[0].value)
    assert _stored(session, customer_id) == [("login", {})]


def test_a_late_event_lands_on_its_day(session: Session, open_page: OpenPage) -> None:
    customer_id = worked_example(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    day = utc_now().replace(tzinfo=None, second=0, microsecond=0) - timedelta(days=200)
    _field(at, "login", "when").set_value(day)
    _record(at)
    assert not at.error
    assert any("changes nothing that the scoring model looks at" in told for told in _texts(at))
    session.rollback()
    (stored,) = session.connection().execute(
        text("SELECT occurred_at FROM event WHERE source = 'dashboard'")
    )
    assert stored.occurred_at.replace(tzinfo=None) == day


def test_many_customers_are_searched_in_the_database(session: Session, open_page: OpenPage) -> None:
    for number in range(201):
        add_customer(session, f"Customer {number:03}")
    wanted = add_customer(session, "Zebra Holding", email="a@zebra.example")
    add_customer(session, "Zebra Holding", email="b@zebra.example")
    at = open_page(page.RECORD_EVENT)
    assert len(at.selectbox(key=CHOSEN).options) == 50
    at.text_input(key="record-search").set_value("a@zebra").run()
    assert at.selectbox(key=CHOSEN).options == ["Zebra Holding · a@zebra.example"]
    at.selectbox(key=CHOSEN).set_value(wanted).run()
    # The choice stays when the search moves on, even to a namesake.
    at.text_input(key="record-search").set_value("b@zebra").run()
    assert at.selectbox(key=CHOSEN).value == wanted
    _record(at)
    assert len(_stored(session, wanted)) == 1


def test_a_first_event_gives_a_factor_data(session: Session, open_page: OpenPage) -> None:
    customer_id = add_customer(session)
    add_events(session, customer_id, [("login", 1, {})])
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    _choose(at, "support_ticket")
    _field(at, "support_ticket", "subject").set_value("Hello")
    _record(at)
    assert any("Support tickets has data now: 90.0." in told for told in _texts(at))


def test_the_chosen_type_survives_recording(session: Session, open_page: OpenPage) -> None:
    customer_id = worked_example(session)
    at = open_page(page.RECORD_EVENT, {"customer": str(customer_id)})
    _choose(at, "feature_use")
    _field(at, "feature_use", "feature_name").set_value("alerts")
    _record(at)
    assert at.session_state[TYPE] == "feature_use"
