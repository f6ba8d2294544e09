"""The audit log: who changed what, when, from where; complete, and never changed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from getpass import getuser
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session

import keys
import seed
from api.main import create_app
from db.session import read, write
from services import audit, customers
from services.actor import Actor
from services.audit_reading import AuditFilters, csv_lines, entries_page
from services.customer_input import CustomerIn
from services.imports import Cancel, Kind, inspect, run_import
from tests.api_server import serving
from tests.support.actors import TESTER
from tests.support.customers import add_customers
from tests.support.keys import bearer, make_key

pytestmark = pytest.mark.integration

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ACME: dict[str, Any] = {"name": "Acme", "email": "it@acme.example", "segment": "smb"}
EVENTS = {("post", "/api/customers/{customer_id}/events"), ("post", "/api/events")}
"""Events are their own record."""
LOOKING = {("post", "/api/models/preview")}
"""Stores nothing."""
Told = tuple[str, str, list[str]]


@pytest.fixture
def api(engine: Engine) -> Iterator[httpx.Client]:
    with serving(create_app()) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def told(**filters: Any) -> list[Told]:
    """Action, subject and fields of the entries, oldest first."""
    with read() as session:
        page = entries_page(session, filters=AuditFilters(**filters), limit=500)
    return [(item.action, item.subject, item.fields) for item in reversed(page.items)]


def test_a_change_over_rest_says_who_and_from_where(api: httpx.Client, engine: Engine) -> None:
    key = make_key(engine, "admin")
    headers = bearer(key) | {"X-Request-ID": "8e03978e-40d5"}
    created = api.post("/api/customers", json=ACME | {"arr": 5}, headers=headers)
    place = created.headers["location"]
    change = {"owner": "Ada", "name": "Acme", "arr": None}
    api.patch(place, json=change, headers=headers).raise_for_status()
    api.patch(place, json={"owner": "Ada"}, headers=headers).raise_for_status()
    api.delete(place, headers=headers).raise_for_status()
    prefix = key.split("_")[1]
    actor = f"nightly import (chk_{prefix})"
    found = api.get("/api/audit", params={"actor": actor}, headers=headers).json()
    subject = f"customer:{created.json()['id']}"
    assert [(entry["action"], entry["subject"], entry["fields"]) for entry in found] == [
        ("customer.erased", subject, []),
        ("customer.changed", subject, ["owner", "arr"]),
        ("customer.created", subject, ["name", "email", "segment", "arr"]),
    ]
    assert {(entry["via"], entry["address"], entry["request_id"]) for entry in found} == {
        ("api", "127.0.0.1", "8e03978e-40d5")
    }
    moment = datetime.fromisoformat(found[0]["at"])
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)


def test_every_changing_route_leaves_an_entry(api: httpx.Client, engine: Engine) -> None:
    """By the schema, so that a route that is added later can't be forgotten."""
    schema = api.get("/openapi.json").json()
    changing = {
        (method, path)
        for path, operations in schema["paths"].items()
        for method in operations
        if method != "get"
    }
    assert changing >= EVENTS | LOOKING
    for method, path in sorted(changing - EVENTS - LOOKING):
        with Session(engine) as session:
            (customer_id,) = add_customers(session, 1)
        before = len(told())
        operation = schema["paths"][path][method]
        answer = api.request(
            method,
            path.format(customer_id=customer_id, name="momentum"),
            json=example(schema, operation),
        )
        assert answer.is_success, (method, path, answer.text)
        assert len(told()) == before + 1, (method, path)


def example(schema: dict[str, Any], operation: dict[str, Any]) -> Any:
    """What the schema shows as the body."""
    if "requestBody" not in operation:
        return None
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    name = body["$ref"].rpartition("/")[2]
    return schema["components"]["schemas"][name]["examples"][0]


def test_a_repeated_request_is_one_change(api: httpx.Client) -> None:
    for _ in range(2):
        api.post("/api/customers", json=ACME, headers={"Idempotency-Key": "k"}).raise_for_status()
    assert len(told(action="customer.created")) == 1


def test_a_change_and_its_entry_come_together_or_not_at_all(
    api: httpx.Client, engine: Engine
) -> None:
    def create_and_fail(session: Session) -> None:
        customers.create(session, by=TESTER, customer=CustomerIn(**ACME), now=NOW)
        raise KeyError

    with pytest.raises(KeyError):
        write(create_and_fail)
    assert told(action="customer.created") == []
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_log RENAME TO elsewhere"))
    assert api.post("/api/customers", json=ACME).status_code == 503
    assert api.get("/api/customers").json() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'nobody'",
        "UPDATE audit_log SET actor = 'nobody' WHERE false",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "SET LOCAL session_replication_role = replica; DELETE FROM audit_log",
    ],
)
def test_not_even_its_owner_can_change_it(session: Session, statement: str) -> None:
    before = told()
    assert before
    with pytest.raises(ProgrammingError, match="audit_log is append-only"):
        session.execute(text(statement))
    session.rollback()
    assert told() == before


def load(path: Path, content: str, kind: Kind = "customers", **options: Any) -> None:
    path.write_text(content)
    mapping, rejected = inspect(path, kind).mapping, path.with_suffix(".rejected.csv")
    run_import(path, by=TESTER, kind=kind, mapping=mapping, rejected_path=rejected, **options)


def fail(_: object) -> None:
    raise KeyError


def test_imports_tell_their_start_their_end_and_each_customer(
    session: Session, tmp_path: Path
) -> None:
    (known,) = add_customers(session, 1)
    session.execute(text("UPDATE customer SET email = 'known@a.example'"))
    session.commit()
    before = len(told())
    head, file, stopped = "name,email,segment\n", tmp_path / "c.csv", Cancel()
    stopped.ask(Actor("ed@example.com", "dashboard", None, None))
    load(file, f"{head}Acme,it@a.example,smb\nKnown,known@a.example,smb\n")
    load(file, f"{head}Known,known@a.example,smb\n")
    load(file, head, cancel=stopped)
    with pytest.raises(KeyError):
        load(file, f"{head}Known,known@a.example,smb\n", progress=fail)
    load(file, "email,event_type,timestamp\nit@a.example,login,2026-05-01\n", "events")
    found = told()[before:]
    new = next(subject for action, subject, _ in found if action == "customer.created")
    mapped = ["name", "email", "segment"]
    assert found[1:3] == [
        ("customer.created", new, mapped),
        ("customer.changed", f"customer:{known}", ["name"]),
    ]
    ends = ["finished", "finished", "cancelled", "failed", "finished"]
    runs = [entry for entry in found if entry[0].startswith("import.")]
    assert told(actor="ed@example.com") == [runs[5]], "not whoever started it"
    assert [action.partition(".")[2] for action, _, _ in runs] == [
        word for end in ends for word in ("started", end)
    ]
    assert [fields for _, _, fields in runs[:2]] == [sorted(mapped), []]
    subjects = [subject for _, subject, _ in runs]
    assert subjects[::2] == subjects[1::2]
    assert len(set(subjects)) == 5
    assert subjects[-1].startswith("import:events-")


def test_commands_are_the_accounts_that_run_them(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    actor = f"command:{getuser()}"
    assert keys.main(["create", "--name", "ada@acme.example", "--scopes", "read"]) == 0
    prefix = capsys.readouterr().out.split("_")[1]
    for _ in range(2):
        assert keys.main(["revoke", prefix]) == 0
    demo = ["--customers", "2", "--days", "10", "--as-of", date(2026, 5, 4).isoformat()]
    for more in ([], [], ["--reset"]):
        assert seed.main(demo + more) == 0
    assert told(actor=actor) == [
        ("api-key.created", f"api-key:{prefix}", []),
        ("api-key.revoked", f"api-key:{prefix}", []),
        ("demo-data.loaded", "customers", []),
        ("data.dropped", "customers", []),
        ("demo-data.loaded", "customers", []),
    ]


def test_the_first_start_publishes_and_activates_models(engine: Engine) -> None:
    assert told() == [
        ("model.published", "model:momentum:1", []),
        ("model.published", "model:standard:1", []),
        ("model.activated", "model:standard:1", []),
    ]


def test_only_admins_read_it(api: httpx.Client, engine: Engine) -> None:
    keys = [make_key(engine, "read"), make_key(engine, "read", "write")]
    refused = [api.get("/api/audit", headers=bearer(key)) for key in keys]
    for answer in refused:
        assert answer.status_code == 403
        assert answer.json()["type"].endswith(":insufficient-scope")
        assert 'scope="admin"' in answer.headers["WWW-Authenticate"]
    before = told()
    assert api.get("/api/audit", headers=bearer(make_key(engine, "admin"))).status_code == 200
    assert len(told()) == len(before) + 1  # the key


def test_filters_pages_and_cursors(api: httpx.Client, session: Session) -> None:
    for number in range(7):
        by = Actor(f"user {number % 2}", "dashboard", None, None)
        audit.record(session, by=by, action="customer.changed", subject=f"customer:{number}")
    session.commit()  # all at one moment: ties
    every: dict[str, Any] = {"action": "customer.changed", "limit": 3}
    answer = api.get("/api/audit", params=every)
    found = answer.json()
    while "next" in answer.links:
        answer = api.get(answer.links["next"]["url"])
        found += answer.json()
    assert [entry["subject"] for entry in found] == [f"customer:{n}" for n in range(6, -1, -1)]
    at = found[0]["at"]
    later = (datetime.fromisoformat(at) + timedelta(microseconds=1)).isoformat()
    cases: list[tuple[dict[str, Any], int]] = [
        ({"actor": "user 1"}, 3),
        ({"subject": "customer:3"}, 1),
        ({"subject": "customer:3", "actor": "user 0"}, 0),
        ({"from": at}, 7),
        ({"from": later}, 0),
        ({"to": later}, 7),
        ({"to": at}, 0),
    ]
    for filters, wanted in cases:
        given = every | {"limit": 50} | filters
        assert len(api.get("/api/audit", params=given).json()) == wanted, filters
    refused: list[dict[str, Any]] = [{"action": "all"}, {"cursor": "x"}, {"actor": "\0"}]
    for wrong in [*refused, {"limit": 501}]:
        assert api.get("/api/audit", params=wrong).status_code == 422, wrong
    cursor = api.get("/api/audit", params=every).links["next"]["url"].rpartition("cursor=")[2]
    other = {"actor": "user 1", "cursor": cursor}
    assert api.get("/api/audit", params=other).status_code == 422


def test_as_a_file_it_runs_nothing(session: Session) -> None:
    by = Actor("=cmd|'/c calc'!A1", "api", None, "7")
    fields = ["name", "owner"]
    audit.record(session, by=by, action="customer.changed", subject="customer:1", fields=fields)
    lines = list(csv_lines(session, filters=AuditFilters(subject="customer:1")))
    assert lines[0] == "id,at,actor,via,address,request_id,action,subject,fields\r\n"
    assert lines[1].endswith(
        "+00:00,'=cmd|'/c calc'!A1,api,,7,customer.changed,customer:1,name owner\r\n"
    )
    assert len(lines) == 2
