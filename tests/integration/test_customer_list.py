"""The customer list: every sort, page by page, with nulls, ties and newcomers; every filter."""

import base64
import json
import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from db.queries import totals
from services import customers
from services.customer_filters import SORTS, CustomerFilters, filters_fingerprint
from services.errors import InvalidInput
from services.views import CustomerItem

pytestmark = pytest.mark.integration

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
_INSERT = text(
    "INSERT INTO customer_health (customer_id, external_id, name, email, segment, owner, arr,"
    " renewal_date, created_at, churned_at, overall_score, status, coverage, factor_scores,"
    " trend_30d, last_activity_at, calculated_at) VALUES (:id, :external_id, :name, :email,"
    " :segment, :owner, :arr, :renewal_date, :created_at, :churned_at, :overall_score, :status,"
    " 1, '{}', :trend_30d, :last_activity_at, :now)"
)


_INSERT_CUSTOMER = text(
    "INSERT INTO customer (id, external_id, name, email, segment, owner, arr, renewal_date,"
    " created_at, churned_at) VALUES (:id, :external_id, :name, :email, :segment, :owner, :arr,"
    " :renewal_date, :created_at, :churned_at)"
)


def add(session: Session, customer_id: int, **values: Any) -> None:
    row = {
        "id": customer_id,
        "external_id": None,
        "name": f"Customer {customer_id}",
        "email": f"c{customer_id}@example.org",
        "segment": "smb",
        "owner": None,
        "arr": None,
        "renewal_date": None,
        "created_at": NOW - timedelta(days=customer_id % 7),
        "churned_at": None,
        "overall_score": None,
        "status": "no_data",
        "trend_30d": None,
        "last_activity_at": None,
        "now": NOW,
    }
    for statement in (_INSERT_CUSTOMER, _INSERT):
        session.connection().execute(statement, row | values)
    totals.put_in(session, customer_ids=[customer_id], now=NOW)


def add_many(session: Session, ids: range, seed: int = 1) -> None:
    """Few distinct values and many nulls: ties everywhere."""
    dice = random.Random(seed)
    for customer_id in ids:
        add(
            session,
            customer_id,
            name=dice.choice(["acme", "ACME", "Ärger", "Zebra", "zebra", "~tilde"]),
            overall_score=dice.choice([None, 0.1 + 0.2, 50.0, 100 / 3, 99.99999999999999]),
            trend_30d=dice.choice([None, -1e-7, 0.0, 12.5]),
            arr=dice.choice([None, 0, "1000.0001", "1000.0002", 10**12]),
            renewal_date=dice.choice([None, "2026-06-01", "2027-01-31"]),
            last_activity_at=dice.choice([None, NOW, NOW - timedelta(microseconds=1)]),
        )


def walk(session: Session, *, sort: str, limit: int, between: Any = None) -> list[CustomerItem]:
    items: list[CustomerItem] = []
    cursor = None
    while True:
        page = customers.list_items(session, sort=sort, limit=limit, cursor=cursor, now=NOW)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items
        assert len(page.items) == limit
        assert len(items) < 1000, "the pages go round in circles"
        if between:
            between()


def place(item: CustomerItem, sort: str) -> tuple[Any, ...]:
    """Where Python would put the item: nulls last both ways, ties by id."""
    value: Any = getattr(item, sort.removeprefix("-"))
    if isinstance(value, str):
        value = value.lower().encode()  # "C" compares bytes
    return (value is None, value, item.id)


@pytest.mark.parametrize("sort", SORTS)
def test_pages_walk_everything_once_in_order(session: Session, sort: str) -> None:
    add_many(session, range(1, 100))
    items = walk(session, sort=sort, limit=7)
    assert sorted(item.id for item in items) == list(range(1, 100))
    for before, after in pairwise(items):
        (no_a, a, id_a), (no_b, b, id_b) = place(before, sort), place(after, sort)
        assert no_a <= no_b
        if no_a == no_b:
            assert (a == b and id_a < id_b) or (a != b and (a > b) == sort.startswith("-"))


@pytest.mark.parametrize("sort", SORTS)
def test_whoever_comes_between_pages_moves_nobody_else(session: Session, sort: str) -> None:
    add_many(session, range(1, 60))
    newcomers = iter(range(1000, 2000, 5))

    def insert() -> None:
        first = next(newcomers)
        add_many(session, range(first, first + 5), seed=first)

    seen = [item.id for item in walk(session, sort=sort, limit=5, between=insert)]
    assert len(seen) == len(set(seen))
    assert set(range(1, 60)) <= set(seen)


@pytest.mark.parametrize("sort", SORTS)
def test_offsets_cut_the_same_order(session: Session, sort: str) -> None:
    add_many(session, range(1, 60))
    walked = [item.id for item in walk(session, sort=sort, limit=500)]
    cut: list[int] = []
    for offset in range(0, 60, 13):
        page = customers.list_items(session, sort=sort, limit=13, offset=offset, now=NOW)
        cut += [item.id for item in page.items]
    assert cut == walked


def ids(session: Session, **filters: Any) -> set[int]:
    chosen = CustomerFilters(**filters)
    page = customers.list_items(session, filters=chosen, limit=500, now=NOW)
    found = {item.id for item in page.items}
    assert customers.count_items(session, filters=chosen, now=NOW).customers == len(found)
    return found


def test_search_is_plain_text_in_any_case(session: Session) -> None:
    add(session, 1, name="100% Öl_Werke")
    add(session, 2, name="1000 Werke", email="sales@BACK\\slash.example")
    add(session, 3, name="Third", external_id="CRM-77")
    assert ids(session, q="0%") == {1}
    assert ids(session, q="öl_w") == {1}
    assert ids(session, q="L_W") == {1}
    assert ids(session, q="back\\s") == {2}
    assert ids(session, q="\\") == {2}
    assert ids(session, q="crm-7") == {3}
    assert ids(session, q="") == {1, 2, 3}


def test_filters_take_alternatives_and_combine(session: Session) -> None:
    add(session, 1, status="healthy", segment="smb", owner="Ada", overall_score=75.0)
    add(session, 2, status="at_risk", segment="smb", owner="Bo", overall_score=74.999)
    add(session, 3, status="at_risk", segment="enterprise", owner="Ada", overall_score=50.0)
    add(session, 4)
    assert ids(session, status=("healthy", "no_data")) == {1, 4}
    assert ids(session, segment=("smb",), owner=("Ada", "Bo")) == {1, 2}
    assert ids(session, status=("at_risk",), owner=("Ada",)) == {3}
    # On the unrounded score: 74.999 is shown as 75.0 and is still below it.
    assert ids(session, min_score=75) == {1}
    assert ids(session, max_score=74.999, min_score=50) == {2, 3}
    assert customers.owners(session) == ["Ada", "Bo"]


def test_who_leaves_tomorrow_is_still_here(session: Session) -> None:
    add(session, 1)
    add(session, 2, churned_at=NOW)
    add(session, 3, churned_at=NOW + timedelta(seconds=1))
    assert ids(session) == {1, 3}
    assert ids(session, churned="true") == {2}
    assert ids(session, churned="any") == {1, 2, 3}


def test_totals_add_up_the_arr(session: Session) -> None:
    add(session, 1, arr="0.1")
    add(session, 2, arr="0.2")
    add(session, 3)
    counted = customers.count_items(session, now=NOW)
    assert (counted.customers, str(counted.arr)) == (3, "0.3000")


def test_an_export_walks_every_page(session: Session) -> None:
    for customer_id in range(1, 1203):
        add(session, customer_id)
    exported = customers.all_items(session, filters=CustomerFilters(), now=NOW)
    assert [item.id for item in exported] == list(range(1, 1203))


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"status": ("fine",)}, "status"),
        ({"segment": ("galactic",)}, "segment"),
        ({"owner": ("a\0",)}, "owner"),
        ({"q": "\0"}, "q"),
        ({"q": "\ud800"}, "q"),
        ({"min_score": float("nan")}, "min_score"),
        ({"max_score": float("inf")}, "max_score"),
        ({"churned": "yes"}, "churned"),
    ],
)
def test_filters_that_mean_nothing_are_refused(
    session: Session, filters: dict[str, Any], field: str
) -> None:
    for use in (customers.list_items, customers.count_items):
        with pytest.raises(InvalidInput) as refused:
            use(session, filters=CustomerFilters(**filters), now=NOW)
        assert refused.value.field == (field,)


def test_a_segment_that_only_customers_know_can_be_filtered_by(session: Session) -> None:
    add(session, 1, segment="galactic")
    assert ids(session, segment=("galactic",)) == {1}


def test_a_cursor_belongs_to_its_sort_and_filters(session: Session) -> None:
    add_many(session, range(1, 10))
    cursor = customers.list_items(session, sort="arr", limit=2, now=NOW).next_cursor
    assert cursor
    for changed in (
        {"sort": "-arr"},
        {"sort": "overall_score"},
        {"sort": "arr", "filters": CustomerFilters(q="a")},
    ):
        with pytest.raises(InvalidInput) as refused:
            customers.list_items(session, limit=2, cursor=cursor, now=NOW, **changed)
        assert refused.value.field == ("cursor",)
    customers.list_items(session, sort="arr", limit=5, cursor=cursor, now=NOW)


def test_a_forged_cursor_is_refused_or_harmless(session: Session) -> None:
    sorts = ["name", "arr", "overall_score", "created_at", "renewal_date"]
    keys = ["x", "a\0", "\ud800", "1e999", 1e308, None, True, [], 10**30, "0001-01-01", "NaN"]
    for sort, key, item_id in product(sorts, keys, [1, -1, 2**63, "x", None, 1.5]):
        scope = filters_fingerprint(CustomerFilters(), sort)
        raw = json.dumps([scope, key, item_id]).encode()
        with suppress(InvalidInput):
            cursor = base64.urlsafe_b64encode(raw).decode()
            customers.list_items(session, sort=sort, cursor=cursor, now=NOW)


def test_rubbish_is_no_cursor(session: Session) -> None:
    for cursor in ["x", "é", "====", "bnVsbA", "W10", " ", "e30=", "\0", "\ud800"]:
        with pytest.raises(InvalidInput):
            customers.list_items(session, cursor=cursor, now=NOW)
