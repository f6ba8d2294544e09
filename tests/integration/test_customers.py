"""Customers on a real PostgreSQL: what is stored, what is refused, what erasure leaves."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlmodel import Session

from db.session import write
from services import customers
from services.customer_input import CustomerIn, CustomerPatch
from services.errors import EmailTaken, ExternalIdTaken, InvalidInput, UnknownCustomer
from services.views import CustomerItem
from tests.support.actors import TESTER

pytestmark = pytest.mark.integration

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def create(session: Session, **values: Any) -> CustomerItem:
    given = {"name": "Acme", "email": "it@acme.example", "segment": "smb"} | values
    customer = CustomerIn.model_validate(given)
    return customers.create(session, by=TESTER, customer=customer, now=NOW)


def patch(session: Session, customer_id: int, **changes: Any) -> CustomerItem:
    return customers.patch(
        session,
        by=TESTER,
        customer_id=customer_id,
        changes=CustomerPatch.model_validate(changes),
        now=NOW,
    )


def queue(session: Session) -> list[tuple[int, date]]:
    rows = session.connection().execute(
        text("DELETE FROM rescore_queue RETURNING customer_id, day")
    )
    return [(row.customer_id, row.day) for row in rows]


def test_a_new_customer_has_no_data_and_waits_for_the_scorer_from_its_first_day(
    session: Session,
) -> None:
    item = create(session, created_at="2025-01-02T23:30:00-02:00", arr=1234.56789)
    assert (item.status, item.overall_score, item.coverage) == ("no_data", None, 0)
    assert item.created_at == datetime(2025, 1, 3, 1, 30, tzinfo=UTC)
    assert item.arr == Decimal("1234.5679")
    assert queue(session) == [(item.id, date(2025, 1, 3))]


def test_patch_tells_absent_from_null(session: Session) -> None:
    item = create(session, owner="Ada", external_id="crm-1", arr=5, renewal_date="2027-01-31")
    changed = patch(session, item.id, owner=None, name="Acme AG")
    assert (changed.owner, changed.name) == (None, "Acme AG")
    assert (changed.external_id, changed.arr, changed.renewal_date) == (
        "crm-1",
        5,
        date(2027, 1, 31),
    )
    copy, own = (
        session.connection()
        .execute(text(f"SELECT name, owner, email, arr, created_at FROM {table} ORDER BY 1"))
        .one()
        for table in ("customer_health", "customer")
    )
    assert copy == own


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ({"name": "Other"}, date(2026, 5, 4)),
        ({"segment": "enterprise"}, date(2026, 5, 4)),
        ({"created_at": "2026-02-01T00:00:00Z"}, date(2026, 1, 1)),
        ({"created_at": "2025-12-01T00:00:00Z"}, date(2025, 12, 1)),
        ({"churned_at": "2026-03-01T00:00:00Z"}, date(2026, 3, 1)),
        ({"churned_at": None}, date(2026, 4, 1)),
    ],
)
def test_a_change_is_rescored_from_the_first_day_that_it_can_move(
    session: Session, changes: dict[str, Any], day: date
) -> None:
    item = create(session, created_at="2026-01-01T00:00:00Z", churned_at="2026-04-01T00:00:00Z")
    queue(session)
    patch(session, item.id, **changes)
    assert queue(session) == [(item.id, day)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"segment": "galactic"}, "segment"),
        ({"created_at": (NOW + timedelta(hours=25)).isoformat()}, "created_at"),
        ({"churned_at": "2026-01-01T00:00:00Z"}, "churned_at"),  # created_at is now
        ({"churned_at": "9999-12-31T23:59:59Z"}, "churned_at"),
    ],
)
def test_values_that_contradict_each_other_are_refused(
    session: Session, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        create(session, **values)
    assert refused.value.field == (field,)


def test_a_patch_is_judged_with_what_is_stored(session: Session) -> None:
    item = create(session, created_at="2026-01-01T00:00:00Z", churned_at="2026-02-01T00:00:00Z")
    with pytest.raises(InvalidInput) as refused:
        patch(session, item.id, created_at="2026-03-01T00:00:00Z")
    assert refused.value.field == ("created_at",)


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "  \t"},
        {"name": "a\0b"},
        {"name": "\ud800"},
        {"name": "x" * 256},
        {"name": 5},
        {"name": None},
        {"email": "nobody"},
        {"email": "a@b@c.example"},
        {"email": "a b@c.example"},
        {"email": "a@" + "b" * 320},
        {"arr": -1},
        {"arr": 10**12 + 1},
        {"arr": "5"},
        {"arr": True},
        {"arr": float("nan")},
        {"arr": Decimal("1e999999")},
        {"renewal_date": "0001-01-01"},
        {"renewal_date": "9999-12-31"},
        {"renewal_date": 20000},
        {"created_at": 1_700_000_000},
        {"created_at": "1700000000"},
        {"created_at": "2026-01-01T00:00:00"},
        {"created_at": "0001-01-01T00:00:00Z"},
        {"external_id": ""},
        {"plan": "gold"},
    ],
)
def test_input_is_strict_for_creating_and_for_changing(values: dict[str, Any]) -> None:
    good = {"name": "Acme", "email": "it@acme.example", "segment": "smb"}
    CustomerIn.model_validate(good)
    with pytest.raises(ValidationError):
        CustomerIn.model_validate(good | values)
    with pytest.raises(ValidationError):
        CustomerPatch.model_validate(values)


def test_email_is_unique_without_case_and_external_id_with(session: Session) -> None:
    first = create(session, external_id="A-1")
    session.commit()
    with pytest.raises(EmailTaken):
        create(session, email="IT@Acme.Example")
    session.rollback()
    with pytest.raises(ExternalIdTaken):
        create(session, email="b@acme.example", external_id="A-1")
    session.rollback()
    other = create(session, email="b@acme.example", external_id="a-1")
    session.commit()
    with pytest.raises(EmailTaken):
        patch(session, other.id, email=first.email.upper())
    session.rollback()
    with pytest.raises(ExternalIdTaken):
        patch(session, other.id, external_id="A-1")
    session.rollback()
    patch(session, first.id, email="IT@ACME.example")  # its own address in other letters


def test_of_many_at_once_one_gets_the_email(engine: object) -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(8)

    def compete() -> None:
        barrier.wait(10)
        try:
            write(lambda session: create(session))
            outcomes.append("created")
        except EmailTaken:
            outcomes.append("taken")

    threads = [threading.Thread(target=compete) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["created"] + ["taken"] * 7


@pytest.mark.parametrize("customer_id", [0, -1, 1, 2**63 - 1, 2**63, 10**400])
def test_unknown_ids_are_unknown_whatever_their_size(session: Session, customer_id: int) -> None:
    erase = partial(customers.delete, by=TESTER)
    for use in (customers.get_item, erase, customers.require):
        with pytest.raises(UnknownCustomer):
            use(session, customer_id=customer_id)
    with pytest.raises(UnknownCustomer):
        patch(session, customer_id, name="x")
