"""Erasing a customer: nothing that names it is left, in whatever table, also in one added later."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import Engine, MetaData, Table, text
from sqlalchemy.dialects.postgresql import Insert, insert

from api.main import create_app
from db.session import write
from services import scorer
from services.clock import utc_now
from tests.api_server import serving

pytestmark = pytest.mark.integration

GONE, KEPT = "zyxgone", "zyxkept"
"""Part of everything that is told of a customer."""


@pytest.fixture
def api(engine: Engine) -> Iterator[httpx.Client]:
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def test_erasure_leaves_no_trace_in_any_table(api: httpx.Client, engine: Engine) -> None:
    gone, kept = live(api, GONE), live(api, KEPT)
    write(lambda session: scorer.drain(session, now=utc_now()))
    tables = public_tables(engine)
    with engine.begin() as connection:
        for table in tables:
            if "customer_id" in table.c:
                for customer_id, name in ((gone, GONE), (kept, KEPT)):
                    connection.execute(some_row(table, customer_id, name))
    of_customers = {table.name for table in tables if "customer_id" in table.c}
    assert len(of_customers) >= 10
    assert naming(engine, tables, gone) == naming(engine, tables, kept) == of_customers
    before = telling(engine, tables, KEPT)
    assert before == telling(engine, tables, GONE)
    assert {"customer", "customer_health", "event", "last_seen", "idempotency_key"} <= before

    assert api.delete(f"/api/customers/{gone}").status_code == 204
    assert naming(engine, tables, gone) == set()
    assert telling(engine, tables, GONE) == set()
    assert naming(engine, tables, kept) == of_customers
    assert telling(engine, tables, KEPT) == before

    told = api.get("/api/audit", params={"subject": f"customer:{gone}"}).json()
    assert [entry["action"].partition(".")[2] for entry in told] == ["erased", "changed", "created"]
    assert api.delete(f"/api/customers/{gone}").status_code == 404


def test_what_fails_half_way_erases_nothing(api: httpx.Client, engine: Engine) -> None:
    customer_id = live(api, GONE)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE invoice RENAME TO elsewhere"))
    assert api.delete(f"/api/customers/{customer_id}").status_code == 503
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO invoice"))
    assert api.get(f"/api/customers/{customer_id}").json()["name"] == f"{GONE} Ltd"
    assert len(api.get(f"/api/customers/{customer_id}/events").json()) == 5
    assert api.get("/api/audit", params={"action": "customer.erased"}).json() == []


def live(api: httpx.Client, name: str) -> int:
    """A customer that says its name wherever it can."""
    told = {"name": f"{name} Ltd", "email": f"it@{name}.example", "external_id": f"crm-{name}"}
    created = api.post(
        "/api/customers", json=told | {"segment": "smb"}, headers={"Idempotency-Key": name}
    )
    customer_id = int(created.raise_for_status().json()["id"])
    changes = {"owner": f"Ada of {name}", "segment": "startup", "arr": 5}
    api.patch(f"/api/customers/{customer_id}", json=changes).raise_for_status()
    for event_type, data in (
        ("login", {"user_id": f"ada@{name}.example"}),
        ("api_call", {"endpoint": f"/{name}", "anything": {"nested": [name]}}),
        ("feature_use", {"feature_name": name}),
        ("payment", {"amount": 5, "invoice_id": name}),
        ("support_ticket", {"ticket_id": name, "subject": f"Help {name}"}),
    ):
        event = {"event_type": event_type, "event_data": data, "event_id": f"{event_type}-{name}"}
        api.post(f"/api/customers/{customer_id}/events", json=event).raise_for_status()
    return customer_id


def public_tables(engine: Engine) -> list[Table]:
    """Every table that the database has, whether we know it or not."""
    found = MetaData()
    found.reflect(engine)
    return list(found.tables.values())


def some_row(table: Table, customer_id: int, name: str) -> Insert:
    """A row of this customer, in case its life left none here."""
    now = utc_now()
    values: dict[type, object] = {
        str: name, int: 1, float: 1.0, Decimal: 1, bool: False, bytes: b"", object: {"told": name},
        list: [name], datetime: now, date: now.date(),
    }  # fmt: skip
    row = {c.name: values[c.type.python_type] for c in table.c if c.identity is None}
    return insert(table).values(row | {"customer_id": customer_id}).on_conflict_do_nothing()


def naming(engine: Engine, tables: list[Table], customer_id: int) -> set[str]:
    """The tables with rows that have this customer's id."""
    named = [table for table in tables if "customer_id" in table.c]
    with engine.connect() as connection:
        return {
            table.name
            for table in named
            if connection.execute(table.select().where(table.c.customer_id == customer_id)).first()
        }


def telling(engine: Engine, tables: list[Table], name: str) -> set[str]:
    """The tables with rows that have this text in any column, of whatever type."""
    with engine.connect() as connection:
        return {
            table.name
            for table in tables
            if connection.execute(
                text(f'SELECT 1 FROM "{table.name}" t WHERE t::text ILIKE :name LIMIT 1'),
                {"name": f"%{name}%"},
            ).first()
        }
