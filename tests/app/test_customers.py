"""The list of customers: filters, order, pages and the address agree with the services."""

from collections.abc import Mapping

import pytest
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from db.session import read
from services import customers, scorer
from services.clock import utc_now
from services.customer_export import csv_lines
from services.customer_filters import CustomerFilters
from tests.app.arrange import add_customer, add_events, worked_example
from tests.app.conftest import OpenPage
from ui import page

pytestmark = pytest.mark.app


def arrange(session: Session) -> None:
    """Twenty customers: one healthy, seventeen critical, one without data, one that has left."""
    worked_example(session, "Fine Ltd", arr=10_000, owner="Ada")
    for number in range(17):
        customer_id = add_customer(
            session,
            f"Quiet {number:02} Ltd",
            arr=1000 * number,
            owner="Grace" if number % 2 else None,
            segment="startup" if number < 4 else "smb",
        )
        add_events(session, customer_id, [("login", 3, {})] * number)
    add_customer(session, "New Inc", created_at=utc_now().isoformat())
    add_customer(session, "Gone SA", churned_at=utc_now().isoformat())
    scorer.drain(session, now=utc_now())
    session.commit()


def names(at: AppTest) -> list[str]:
    return list(at.dataframe[0].value["name"])


def expected(session: Session, filters: CustomerFilters, sort: str) -> list[str]:
    items = customers.list_items(session, now=utc_now(), filters=filters, sort=sort, limit=15)
    return [item.name for item in items.items]


@pytest.mark.parametrize(
    ("query", "filters", "sort"),
    [
        ({}, CustomerFilters(), "overall_score"),
        ({"status": "Critical"}, CustomerFilters(status=("critical",)), "overall_score"),
        ({"status": "No data"}, CustomerFilters(status=("no_data",)), "overall_score"),
        ({"segment": "Startup"}, CustomerFilters(segment=("startup",)), "overall_score"),
        ({"owner": "Grace"}, CustomerFilters(owner=("Grace",)), "overall_score"),
        ({"q": "fine"}, CustomerFilters(q="fine"), "overall_score"),
        ({"min": "50"}, CustomerFilters(min_score=50), "overall_score"),
        ({"max": "20.5"}, CustomerFilters(max_score=20.5), "overall_score"),
        ({"churned": "Churned"}, CustomerFilters(churned="true"), "overall_score"),
        ({"sort": "Highest ARR"}, CustomerFilters(), "-arr"),
        ({"sort": "Name Z–A"}, CustomerFilters(), "-name"),
    ],
)
def test_an_address_shows_what_the_service_answers(
    open_page: OpenPage,
    session: Session,
    query: Mapping[str, str],
    filters: CustomerFilters,
    sort: str,
) -> None:
    arrange(session)
    at = open_page(page.CUSTOMERS, query)
    assert not at.exception
    wanted = expected(session, filters, sort)
    assert wanted
    assert names(at) == wanted
    totals = customers.count_items(session, now=utc_now(), filters=filters)
    assert f"of {totals.customers} customer" in at.caption[-1].value


def test_numbers_in_a_row_are_the_services(open_page: OpenPage, session: Session) -> None:
    arrange(session)
    at = open_page(page.CUSTOMERS, {"q": "Fine"})
    row = at.dataframe[0].value.iloc[0]
    assert row["score"] == 78.1  # 78.05, in one decimal
    assert list(row["status"]) == ["Healthy"]
    assert row["loss"] == "API usage −7"
    assert row["arr"] == "$10,000"


def test_pages_hold_everybody_once(open_page: OpenPage, session: Session) -> None:
    arrange(session)
    at = open_page(page.CUSTOMERS)
    first = names(at)
    assert len(first) == 15
    at.pagination[0].set_value(2).run()
    assert len(names(at)) == 4
    assert len({*first, *names(at)}) == 19


def test_another_filter_starts_at_the_first_page(open_page: OpenPage, session: Session) -> None:
    arrange(session)
    at = open_page(page.CUSTOMERS, {"page": "2"})
    assert len(names(at)) == 4
    at.pills[0].set_value(["Critical"]).run()
    assert at.pagination[0].value == 1
    assert len(names(at)) == 15


def test_searching_for_nobody_offers_the_way_back(open_page: OpenPage, session: Session) -> None:
    arrange(session)
    at = open_page(page.CUSTOMERS, {"q": "nobody is called this", "owner": "Ada"})
    assert not at.dataframe
    at.button(key="clear-empty").click().run()
    assert len(names(at)) == 15


@pytest.mark.parametrize(
    "query", [{"status": "Nonsense"}, {"sort": "'; DROP"}, {"page": "999"}, {"min": "NaN"}]
)
def test_an_address_that_makes_no_sense_shows_the_list(
    open_page: OpenPage, session: Session, query: Mapping[str, str]
) -> None:
    arrange(session)
    at = open_page(page.CUSTOMERS, query)
    assert not at.exception
    assert len(names(at)) == 15


def test_the_download_holds_every_row_that_the_filters_leave(session: Session) -> None:
    arrange(session)
    add_customer(session, "=cmd|' /C calc'!A0")
    filters = CustomerFilters(churned="any")
    with read() as reading:
        lines = list(csv_lines(reading, now=utc_now(), filters=filters, sort="name"))
    total = customers.count_items(session, now=utc_now(), filters=filters).customers
    assert len(lines) == total + 1
    assert lines[0].startswith("id,external_id,name,email,segment")
    assert any(",'=cmd|' /C calc'!A0," in line for line in lines)
