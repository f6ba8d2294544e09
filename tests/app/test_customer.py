"""The customer's page: its numbers, its sentences, and what it says where something is missing."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from scoring.model import Bands
from services import history, models, scorer
from services.change_views import ScoreChanges
from services.changes import customer_changes
from services.clock import utc_now
from services.health import customer_health
from services.model_robustness import status_stability
from services.scoring_models import active_model
from tests.app.arrange import add_customer, add_events, worked_example
from tests.app.conftest import OpenPage
from tests.support.actors import TESTER
from tests.support.changing import activate, change
from ui import format as as_text
from ui import page
from ui.charts.changes import describe
from ui.text import escape, plain

pytestmark = pytest.mark.app


def _texts(at: AppTest) -> list[str]:
    """Every text on the page, as a reader sees it but for Markdown's own marks."""
    found = [*at.title, *at.subheader, *at.markdown, *at.caption]
    return [plain(element.value).replace("\\", "") for element in found]


def _charts(at: AppTest) -> dict[str, dict[str, Any]]:
    """The page's charts by what they say to those who can't see them."""
    return {chart.proto.alt: json.loads(chart.proto.spec) for chart in at.get("vega_lite_chart")}


def test_the_page_tells_the_worked_example(session: Session, open_page: OpenPage) -> None:
    customer_id = worked_example(session, arr=28_000, owner="Tom Okafor", renewal_date="2099-09-17")
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    assert not at.exception
    texts = _texts(at)
    assert at.title[0].value == "Acme"
    assert any(
        told.startswith("SMB · Tom Okafor · $28k ARR · renews 17 Sep 2099 · customer since ")
        for told in texts
    )
    assert at.metric[0].value == "78.1"
    assert any(told.startswith(":green-badge[:material/check_circle: Healthy] ") for told in texts)
    assert "All five factors have data." in texts
    for expected in ("76.0", "75.0", "90.0", "65.0"):
        assert any(f"**{expected}**" in told for told in texts)
    assert "15 logins in 30 days on 15 days, of a target of 20." in texts
    assert "400 of 500" in texts
    assert "**Support tickets** :small[up to +4]" in texts
    assert "Resolve the 3 open tickets, the oldest 10 days old." in texts


def test_a_status_that_hangs_on_the_exact_weights_is_said_to(
    session: Session, open_page: OpenPage
) -> None:
    customer_id, now = worked_example(session), utc_now()
    model, _ = active_model(session)
    close = model.model_copy(update={"bands": Bands(healthy=78, at_risk=50)})  # the score is 78.05
    models.publish(session, by=TESTER, model=close, reason="close", now=now, use=True)
    session.commit()
    stability = status_stability(
        customer_health(session, customer_id=customer_id, now=now), active_model(session)[0]
    )
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    share = as_text.percent(stability)
    assert 0.3 < stability < 0.9
    assert f"On an edge: {share} of weightings within ±20% keep this status." in _texts(at)


def test_the_waterfall_is_the_scores_arithmetic(session: Session, open_page: OpenPage) -> None:
    customer_id = worked_example(session)
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    (alt,) = [alt for alt in _charts(at) if alt.startswith("From 100")]
    assert alt == (
        "From 100 down to 78.1: API usage −7.2, Login frequency −5.0, Feature adoption −3.8, "
        "Support tickets −3.5, Payment timeliness −2.5"
    )


def test_the_number_is_the_services_number(session: Session, open_page: OpenPage) -> None:
    customer_id = worked_example(session)
    add_events(session, customer_id, [("login", 2, {}), ("login", 1, {})])
    health = customer_health(session, customer_id=customer_id, now=utc_now())
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    assert at.metric[0].value == as_text.score(health.overall_score)
    assert health.overall_score == pytest.approx(80.05)


@pytest.mark.parametrize("named", ["999999", "abc", "-1", "99999999999999999999999", "1.0"])
def test_an_address_that_names_nobody_is_answered_kindly(
    named: str, session: Session, open_page: OpenPage
) -> None:
    add_customer(session)
    at = open_page(page.CUSTOMER, {"id": named})
    assert not at.exception
    assert at.title[0].value == "Customer not found"
    assert "All customers" in [link.proto.label for link in at.page_link]


def test_an_address_without_an_id_says_so(session: Session, open_page: OpenPage) -> None:
    add_customer(session)
    at = open_page(page.CUSTOMER)
    assert not at.exception
    assert at.title[0].value == "No customer chosen"


def test_a_missing_factor_keeps_its_row_and_shares_its_weight(
    session: Session, open_page: OpenPage
) -> None:
    customer_id = add_customer(session)
    add_events(
        session,
        customer_id,
        [
            ("api_call", 3, {"endpoint": "/v1", "count": 250}),
            *(("login", day, {}) for day in range(1, 11)),
            ("feature_use", 5, {"feature_name": "reports"}),
            ("support_ticket", 8, {"priority": "low"}),
        ],
    )
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    texts = _texts(at)
    assert "Payment timeliness: no data, weight shared among the others." in texts
    assert "weight 30%, now 40%" in texts
    assert "weight 25%, left out" in texts
    assert any("Payment timeliness no data" in alt for alt in _charts(at))


def test_no_overall_score_is_a_sentence_not_an_empty_chart(
    session: Session, open_page: OpenPage
) -> None:
    customer_id = add_customer(session, created_at=utc_now().isoformat().replace("+00:00", "Z"))
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    assert not at.exception
    assert at.metric[0].value == "–"
    texts = _texts(at)
    assert any("No history yet" in told for told in texts)
    assert any("no overall score to explain yet" in told for told in texts)
    assert any(told.startswith("0% of the score's weight has data") for told in texts)
    assert not _charts(at)


def test_history_says_since_when_and_draws_the_line(session: Session, open_page: OpenPage) -> None:
    customer_id = add_customer(session)
    # Busy a month ago and silent since: as each window passes, the score falls.
    add_events(
        session,
        customer_id,
        [
            *(("login", 31 + n % 3, {}) for n in range(30)),
            ("api_call", 32, {"endpoint": "/v1", "count": 1000}),
            ("feature_use", 32, {"feature_name": "reports"}),
            ("support_ticket", 60, {"priority": "low"}),
        ],
    )
    while scorer.drain(session, now=utc_now()):
        session.commit()
    health = customer_health(session, customer_id=customer_id, now=utc_now())
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    (trend,) = [alt for alt in _charts(at) if alt.startswith("Score from")]
    assert f"to {as_text.score(health.overall_score)} on" in trend
    assert at.metric[0].proto.delta.startswith("−")
    before = text("SELECT max(day) FROM health_snapshot WHERE status <> 'critical'")
    began = session.connection().execute(before).scalar_one() + timedelta(days=1)
    assert health.status == "critical"
    assert f":red-badge[:material/error: Critical] since {began.day} {began:%B}" in _texts(at)


def test_the_line_reaches_as_far_back_as_one_asks_and_marks_what_changed(
    session: Session, open_page: OpenPage
) -> None:
    customer_id, now = worked_example(session), utc_now()
    sources = {"login": {}, "api_call": {"endpoint": "/"}, "feature_use": {"feature_name": "a"}}
    add_events(session, customer_id, [(name, 200, data) for name, data in sources.items()])
    change(session, customer_id, segment="startup", now=now - timedelta(days=100))
    change(session, customer_id, segment="smb", now=now - timedelta(days=45))
    activate(session, "momentum", now - timedelta(days=20))
    while scorer.drain(session, now=now):
        session.commit()
    scored = history.customer_history(
        session, customer_id=customer_id, start=date.min, end=now.date()
    )
    first = next(item.day for item in scored if item.overall_score is not None)
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    for choice, days, marked in (("90 days", 89, 2), ("30 days", 29, 1), ("All", 539, None)):
        at.segmented_control(key="trend-range").set_value(choice).run()
        assert not at.exception
        (alt,) = [alt for alt in _charts(at) if alt.startswith("Score from")]
        start = max(first, now.date() - timedelta(days=days))
        assert f" on {as_text.day(start)} to " in alt
        assert "; scoring model momentum 1 from " in alt
        assert marked is None or alt.count(";") == marked


def test_a_customer_that_left_is_scored_as_of_that_day(
    session: Session, open_page: OpenPage
) -> None:
    left = utc_now() - timedelta(days=40)
    customer_id = worked_example(session, churned_at=left.isoformat().replace("+00:00", "Z"))
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    assert not at.exception
    texts = _texts(at)
    assert f"As of the day it left, {left.day} {left:%B %Y}" in texts
    assert any(f"Left {left.day} {left:%b %Y}" in told for told in texts)


def test_a_hostile_name_is_only_text(session: Session, open_page: OpenPage) -> None:
    name = ":red[x] **b** [l](http://e.example) <script>alert(1)</script> $a$ :material/home: ->"
    customer_id = worked_example(session, name, owner="*o* :smile:")
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    assert not at.exception
    assert at.title[0].value == escape(name)
    assert any(escape("*o* :smile:") in caption.value for caption in at.caption)


def test_links_carry_the_customer(session: Session, open_page: OpenPage) -> None:
    customer_id = worked_example(session)
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    links = {link.proto.label: link.proto for link in at.page_link}
    assert links["Customers"].page == "customers"
    assert links["Record event"].page == "record-event"
    assert links["Record event"].query_string == f"customer={customer_id}"
    assert at.query_params["id"] == str(customer_id)


def test_what_changed_is_told_for_the_days_that_are_chosen(
    session: Session, open_page: OpenPage
) -> None:
    customer_id = worked_example(session)
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    today = utc_now().date()

    def told(days: int) -> ScoreChanges:
        return customer_changes(
            session, customer_id=customer_id, now=utc_now(), start=today - timedelta(days=days)
        )

    for choice, days in (("7 days", 7), ("30 days", 30)):
        at.segmented_control(key="changes-period").set_value(choice).run()
        assert not at.exception
        changes = told(days)
        texts = _texts(at)
        if changes.delta is None:
            assert any(told.startswith("There is no overall score on ") for told in texts)
            continue
        assert changes.parts
        assert describe(changes) in _charts(at)
        for part in changes.parts:
            assert f"- {part.summary}" in texts
    at.segmented_control(key="changes-period").set_value("Other days").run()
    at.date_input(key="changes-days").set_value((today - timedelta(days=2), today)).run()
    assert describe(told(2)) in _charts(at)
    at.date_input(key="changes-days").set_value((today, today)).run()
    assert any(told.startswith("Nothing moved the score from 78.1 on ") for told in _texts(at))


@pytest.mark.parametrize(
    ("tab", "rows", "column", "newest"),
    [
        ("Events", 15, "type", "Login"),
        ("Tickets", 3, "id", "T-1"),
        ("Invoices", 4, "status", "Paid"),
    ],
)
def test_records_are_tables_newest_first(
    tab: str, rows: int, column: str, newest: str, session: Session, open_page: OpenPage
) -> None:
    customer_id = worked_example(session)
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    at.session_state["records"] = tab
    at.run()
    assert not at.exception
    table = at.dataframe[0].value
    assert len(table) == rows
    assert table[column].iloc[0] == newest


def test_older_events_are_a_click_away(session: Session, open_page: OpenPage) -> None:
    customer_id = worked_example(session)
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    at.session_state["records"] = "Events"
    at.run()
    first = set(at.dataframe[0].value["id"])
    at.button(key="events-older").click().run()
    second = set(at.dataframe[0].value["id"])
    assert len(first) == len(second) == 15
    assert not first & second
    at.button(key="events-newer").click().run()
    assert set(at.dataframe[0].value["id"]) == first


def test_weeks_are_whole(session: Session, open_page: OpenPage) -> None:
    customer_id = add_customer(session)
    monday = utc_now().date() - timedelta(days=utc_now().weekday())
    ago = (utc_now().date() - (monday - timedelta(days=2))).days
    add_events(session, customer_id, [("login", ago, {}), ("login", ago, {}), ("login", 0, {})])
    at = open_page(page.CUSTOMER, {"id": str(customer_id)})
    (logins,) = [alt for alt in _charts(at) if alt.startswith("Logins per week")]
    assert logins == "Logins per week: 2 in the last whole week, 2 in 13 weeks"
