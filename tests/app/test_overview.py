"""The Overview shows what the services say, and every number leads to its customers."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import streamlit as st
from sqlmodel import Session
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest

from db.queries import queue
from services import dashboard, scorer
from services.changes import movers
from services.clock import utc_now
from services.live import live_status
from services.views import DashboardStats
from tests.app.arrange import add_customer, add_events, worked_example
from tests.app.conftest import OpenPage
from tests.support.changing import activate
from ui import format as as_text
from ui import page
from ui.text import plain

pytestmark = pytest.mark.app


def arrange(session: Session) -> DashboardStats:
    """One healthy customer, one critical, one without data, one that has left; all scored."""
    worked_example(session, "Fine Ltd", arr=10_000)
    critical = add_customer(session, "*Bad* [Co](https://evil.example)", arr=90_000, owner="Ada")
    add_events(session, critical, [("login", 3, {})])
    add_customer(session, "New Inc", segment="startup", created_at=utc_now().isoformat())
    left = (utc_now().replace(microsecond=0)).isoformat()
    add_customer(session, "Gone SA", churned_at=left, arr=1_000_000)
    scorer.drain(session, now=utc_now())
    session.commit()
    return dashboard.stats(session, now=utc_now())


def tile_values(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def links(at: AppTest) -> dict[str, dict[str, list[str]]]:
    """Where the page's links lead, by label."""
    return {plain(link.label): parse_qs(link.proto.query_string) for link in at.page_link}


def rows(at: AppTest, chart: int, name: str) -> list[dict[str, Any]]:
    """A chart's rows: Streamlit sends them beside the specification."""
    sent = at.get("vega_lite_chart")[chart].proto.datasets
    data = next(dataset.data.data for dataset in sent if dataset.name == name)
    frame = convert_arrow_bytes_to_pandas_df(data)
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def test_tiles_are_the_services_numbers(open_page: OpenPage, session: Session) -> None:
    stats = arrange(session)
    at = open_page(page.OVERVIEW)
    assert not at.exception
    assert stats.total_customers == 3
    assert stats.by_status.critical == 1
    assert tile_values(at) == {
        "customers": "3",
        "average": as_text.score(stats.average_score),
        "healthy": str(stats.by_status.healthy),
        "at_risk": str(stats.by_status.at_risk),
        "critical": str(stats.by_status.critical),
        "arr": "$90k",
    }


def test_every_tile_leads_to_its_customers(open_page: OpenPage, session: Session) -> None:
    arrange(session)
    found = links(open_page(page.OVERVIEW))
    statuses = {label: query["status"] for label, query in found.items() if "status" in query}
    assert {tuple(sorted(words)) for words in statuses.values()} == {
        ("Healthy",),
        ("At risk",),
        ("Critical",),
        ("No data",),
        ("At risk", "Critical"),
    }


def test_the_worklist_names_who_and_why(open_page: OpenPage, session: Session) -> None:
    stats = arrange(session)
    at = open_page(page.OVERVIEW)
    worst = stats.top_at_risk[0]
    name = next(label for label, query in links(at).items() if query.get("id") == [str(worst.id)])
    assert name.replace("\\", "") == f"**{worst.name}**"
    texts = [plain(element.value) for element in at.markdown]
    assert any("API usage −" in text for text in texts)
    captions = [plain(element.value) for element in at.caption]
    assert "0 of 500 calls in 30 days, 0% errors" in captions
    assert any(as_text.score(worst.overall_score) in text and "Critical" in text for text in texts)


def test_charts_hold_the_same_customers(open_page: OpenPage, session: Session) -> None:
    stats = arrange(session)
    at = open_page(page.OVERVIEW)
    scored = stats.total_customers - stats.by_status.no_data
    assert sum(row["customers"] for row in rows(at, 0, "bins")) == scored
    last = {row["status"]: row["customers"] for row in rows(at, 1, "last")}
    assert last == {"At risk": stats.by_status.at_risk, "Critical": stats.by_status.critical}
    assert sum(row["customers"] for row in rows(at, 2, "parts")) == stats.total_customers


def test_the_portfolio_is_drawn_as_far_back_and_as_what_one_asks(
    open_page: OpenPage, session: Session
) -> None:
    now = utc_now()
    worked_example(session)
    activate(session, "momentum", now - timedelta(days=50))
    while scorer.drain(session, now=now):
        session.commit()
    at = open_page(page.OVERVIEW)
    for choice, days in (("30 days", 30), ("90 days", 90), ("1 year", 365), ("All", 540)):
        at.segmented_control(key="portfolio-range").set_value(choice).run()
        assert not at.exception
        assert len(rows(at, 1, "each")) == days
        assert [row["word"] for row in rows(at, 1, "marks")] == ["momentum 1"] * (days > 50)
    at.segmented_control(key="portfolio-shown").set_value("Average score").run()
    average = dashboard.stats(session, now=now).average_score
    assert rows(at, 1, "last")[0]["text"] == as_text.score(average)


def test_the_live_strip_counts_todays_events(open_page: OpenPage, session: Session) -> None:
    arrange(session)
    texts = [element.value for element in open_page(page.OVERVIEW).markdown]
    live = next(text for text in texts if "sensors" in text)
    events = live_status(session, now=utc_now()).events_today
    assert f"{as_text.count(events)} today" in live


def test_who_moved_this_week_is_told_with_the_reason(open_page: OpenPage, session: Session) -> None:
    at = open_page(page.OVERVIEW)
    customer_id = worked_example(session, "Northwind")
    week_ago = utc_now().date() - timedelta(days=8)
    queue.enqueue(session, entries=[(customer_id, week_ago)])
    while scorer.drain(session, now=utc_now()):
        session.commit()
    (mover,) = movers(session, now=utc_now(), days=7, limit=5)
    at.run()
    st.cache_data.clear()
    at.run()
    assert not at.exception
    assert mover.reason is not None
    texts = [plain(element.value).replace("\\", "") for element in at.markdown]
    assert mover.reason.summary in texts
    assert any(told.endswith(f"**{as_text.signed(mover.delta)}**") for told in texts)
    assert links(at)["**Northwind**"] == {"id": [str(customer_id)]}
