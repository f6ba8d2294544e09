"""Importing files of every kind into a real database."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from services.imports import (
    Cancel,
    ImportRefused,
    ImportResult,
    Kind,
    Progress,
    inspect,
    run_import,
)
from tests.support import recount
from tests.support.actors import TESTER
from tests.support.customers import add_customers
from tests.support.recording import record, take_queue
from tests.support.streams import stream

pytestmark = pytest.mark.integration

CUSTOMERS = """\
external_id,name,email,segment,arr,created_at
c-1,"Northwind, Inc.",it@northwind.example,smb,24000,2026-01-01
c-2,Contoso,ops@contoso.example,enterprise,,2026-01-01T00:00:00Z
"""
EVENTS = """\
external_id,type,when,user,endpoint,feature,session_seconds
c-1,login,2026-05-04T09:30:00Z,ada,,,60
c-1,api_call,2026-05-04 09:30:00+00,ada,/v1/orders/7,,
c-2,feature_use,2026-05-04T09:30:00Z,,,reports,
c-2,feature_use,2026-05-04T11:30:00+02:00,,,reports,
c-2,login,yesterday,,,,
c-9,login,2026-05-04T09:30:00Z,,,,
c-1,payment,2026-05-04T09:30:00Z,,,,
"""
EVENT_COLUMNS = "customer_id, event_type, occurred_at, subject_id, data, content_hash"


def load(path: Path, content: str, kind: Kind, **mapping: str) -> ImportResult:
    """Imports the content under the suggested mapping and these changes of it."""
    path.write_bytes(content.encode())
    seen = inspect(path, kind)
    rejected = path.with_suffix(".rejected.csv")
    return run_import(
        path, by=TESTER, kind=kind, mapping=seen.mapping | mapping, rejected_path=rejected
    )


def counts(result: ImportResult) -> tuple[int, ...]:
    """accepted, duplicates, updated, rejected"""
    found = (result.accepted, result.duplicates, result.updated, result.rejected)
    assert sum(found) == result.rows
    return found


def reasons(result: ImportResult) -> list[tuple[str, str]]:
    """(row, reason) of what was rejected."""
    assert result.rejected_path is not None
    with result.rejected_path.open(encoding="utf-8-sig", newline="") as file:
        return [(row["row"], row["reason"]) for row in csv.DictReader(file)]


def rows(session: Session, query: str) -> list[tuple[object, ...]]:
    session.rollback()
    return [tuple(row) for row in session.connection().execute(text(query))]


@pytest.fixture
def customers(engine: Engine, tmp_path: Path) -> None:
    assert counts(load(tmp_path / "c.csv", CUSTOMERS, "customers")) == (2, 0, 0, 0)


@pytest.mark.usefixtures("customers")
def test_events_once_and_again(session: Session, tmp_path: Path) -> None:
    result = load(tmp_path / "e.csv", EVENTS, "events")
    assert counts(result) == (3, 1, 0, 3)  # one instant in two notations is one event
    assert reasons(result) == [
        ("6", "timestamp: Input should be an ISO 8601 string with an offset: 2026-05-04T09:30:00Z"),
        ("7", "There is no customer with the external_id 'c-9'."),
        ("8", "amount: Field required"),
    ]
    assert counts(load(tmp_path / "e.csv", EVENTS, "events")) == (0, 4, 0, 3)
    assert rows(session, "SELECT count(*), bool_and(received_at = occurred_at) FROM event") == [
        (3, True)
    ]
    recount.assert_agrees(session)


@pytest.mark.usefixtures("customers")
def test_rejected_rows_can_be_mended_and_imported(session: Session, tmp_path: Path) -> None:
    rejected = load(tmp_path / "e.csv", EVENTS, "events").rejected_path
    assert rejected is not None
    mended = rejected.read_text().replace("yesterday", "2026-05-03T00:00:00Z")
    mended = mended.replace("c-9", "c-2").replace("c-1,payment", "c-1,support_ticket")
    assert counts(load(tmp_path / "mended.csv", mended, "events")) == (3, 0, 0, 0)
    recount.assert_agrees(session)


@pytest.mark.usefixtures("customers")
def test_ids_received_times_and_unknown_properties(session: Session, tmp_path: Path) -> None:
    content = (
        "email,type,timestamp,event_id,received_at,event_data,Plan\r\n"
        "IT@northwind.example,login,2026-05-04T09:30:00Z,e1,2026-05-05T00:00:00Z,"
        '"{""x"": 1}",gold\r\n'
        'IT@northwind.example,login,2026-05-04T09:30:00Z,e1,,"{""x"": 1}",gold\r\n'
        'IT@northwind.example,login,2026-05-04T09:30:00Z,e1,,"{""x"": 2}",gold\r\n'
        "IT@northwind.example,login,2026-05-04T09:30:00Z,e2,2026-05-03T09:29:59Z,,\r\n"
        "IT@northwind.example,login,2026-05-04T09:30:00Z,e2,2999-05-03T00:00:00Z,,\r\n"
        "IT@northwind.example,login,2026-05-04T09:30:00Z,e2,2026-05-05,,\r\n"
    )
    result = load(tmp_path / "e.csv", content, "events", **{"event_data.plan": "Plan"})
    assert counts(result) == (1, 1, 0, 4)
    assert reasons(result) == [
        ("4", "Event e1 is already stored with other content."),
        ("5", "received_at: Must not be more than 24 hours before timestamp."),
        ("6", "received_at: Must not be in the future."),
        (
            "7",
            "received_at: Input should be an ISO 8601 string with an offset: 2026-05-04T09:30:00Z",
        ),
    ]
    (stored,) = rows(session, "SELECT event_id, received_at::date::text, source, data FROM event")
    assert stored == ("e1", "2026-05-05", "import", {"x": 1, "plan": "gold"})


@pytest.mark.usefixtures("customers")
def test_a_file_on_top_of_another(session: Session, tmp_path: Path) -> None:
    """Known, changed, new and repeated rows in one transaction, of sources that are connected."""
    header = "external_id,event_type,timestamp,event_id,user_id,feature_name\n"
    first = [f"c-1,login,2026-05-04T09:30:0{n}Z,e{n},ada,\n" for n in range(5)]
    uses = [f"c-2,feature_use,2026-05-04T09:30:00.{n}+00:00,f{n},,re\\ports\n" for n in range(5)]
    uses.append("c-2,support_ticket,2026-05-04T09:00:00Z,t0,,\n")
    path = tmp_path / "e.csv"
    assert counts(load(path, header + "".join(first + uses), "events")) == (11, 0, 0, 0)
    changed = [
        "c-1,login,2026-05-04T09:30:00Z,e0,bo,\n",  # another user
        "c-1,login,2026-05-04T09:30:02Z,e1,ada,\n",  # another time
        "c-1,login,2026-05-04T11:30:02.000+02:00,e2,ada,\n",  # the same in other words
        "c-1,login,2026-05-05T00:00:00Z,n\\1,ada,\n",
        "c-1,login,2026-05-05T00:00:00Z,n\\1,bo,\n",  # what comes first holds
        "c-1,login,2026-05-05T00:00:00.000Z,n\\1,ada,\n",
        "c-1,support_ticket,2026-05-04T09:30:00Z,t1,,\n",
        "c-9,login,2026-05-05T00:00:00Z,n2,ada,\n",
    ]
    again = load(path, header + "".join(uses + changed + first), "events")
    assert counts(again) == (2, 13, 0, 4)
    assert reasons(again) == [
        ("8", "Event e0 is already stored with other content."),
        ("9", "Event e1 is already stored with other content."),
        ("12", r"Event n\1 is already stored with other content."),
        ("15", "There is no customer with the external_id 'c-9'."),
    ]
    recount.assert_agrees(session)


def test_the_same_events_by_file_and_by_the_api(
    engine: Engine, session: Session, tmp_path: Path
) -> None:
    """What a file tells is stored, counted and projected as if it had come over REST."""
    by_api, by_file = add_customers(session, 2)
    told = stream(7, customers=[by_api], length=300)
    for customer_id, event in told:
        record(engine, customer_id, **event)
    properties = sorted({name for _, event in told for name in event["event_data"]} - {"note"})
    path = tmp_path / "e.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["customer_id", "event_type", "timestamp", "event_id", *properties])
        for _, event in told:
            data = event["event_data"]
            cells = [data[name] if data.get(name) is not None else "" for name in properties]
            head = (event["event_type"], event["timestamp"], event["event_id"])
            writer.writerow([by_file, *head, *cells])
    assert counts(load(path, path.read_text(), "events")) == (300, 0, 0, 0)
    for table, columns in {
        "event": "event_id, event_type, occurred_at, subject_id",
        "daily_activity": "day, signal, key, n, last_at",
        "last_seen": "kind, name, first_at, last_at",
        "support_ticket": "ticket_id, priority, opened_at, resolved_at, satisfaction",
        "invoice": "invoice_id, amount, currency, status, due_date, paid_date",
    }.items():
        query = f"SELECT {columns} FROM {table} WHERE customer_id = {{}} ORDER BY {columns}"
        assert rows(session, query.format(by_api)) == rows(session, query.format(by_file)), table
    recount.assert_agrees(session)


@pytest.mark.usefixtures("customers")
def test_invoices_are_payment_events(session: Session, tmp_path: Path) -> None:
    content = (
        "email,invoice_number,amount,currency,due_date,paid_date,status\n"
        "it@northwind.example,I1,100.5,eur,2026-05-01,2026-05-04,\n"
        "it@northwind.example,I2,100,,2026-06-01,,\n"
        "it@northwind.example,I3,100,,2026-06-01,,failed\n"
        "it@northwind.example,I4,0,,2026-06-01,,\n"
        "it@northwind.example,I5,1,,,,paid\n"
    )
    result = load(tmp_path / "i.csv", content, "invoices")
    assert counts(result) == (3, 0, 0, 2)
    assert [row for row, _ in reasons(result)] == ["5", "6"]
    paid = content.replace("I2,100,,2026-06-01,,", "I2,100,,2026-06-01,2026-06-10,")
    assert counts(load(tmp_path / "i.csv", paid, "invoices")) == (1, 2, 0, 2)
    query = "SELECT invoice_id, currency, status, due_date::text, paid_date::text FROM invoice"
    assert rows(session, f"{query} ORDER BY 1") == [
        ("I1", "EUR", "paid", "2026-05-01", "2026-05-04"),
        ("I2", "USD", "paid", "2026-06-01", "2026-06-10"),
        ("I3", "USD", "failed", "2026-06-01", None),
    ]
    told = "SELECT subject_id, data->>'status', occurred_at::date::text FROM event ORDER BY 1, 3"
    assert rows(session, told) == [
        ("I1", "pending", "2026-04-01"),
        ("I1", "paid", "2026-05-04"),
        ("I2", "pending", "2026-05-02"),
        ("I2", "paid", "2026-06-10"),
        ("I3", "failed", "2026-05-02"),
    ]
    assert rows(session, "SELECT * FROM late_invoice") == []
    recount.assert_agrees(session)


@pytest.mark.usefixtures("customers")
def test_tickets_are_opened_and_resolved(session: Session, tmp_path: Path) -> None:
    content = (
        "email,ticket,title,priority,created,closed,csat\n"
        "it@northwind.example,T1,Export,high,2026-05-01T08:00:00Z,2026-05-02T08:00:00Z,4\n"
        "it@northwind.example,T2,,,2026-05-01T08:00:00Z,,\n"
        "it@northwind.example,T3,,,2026-05-01T08:00:00Z,2026-04-02T08:00:00Z,\n"
    )
    result = load(tmp_path / "t.csv", content, "tickets")
    assert counts(result) == (2, 0, 0, 1)
    assert reasons(result) == [("4", "resolved_at: Must not be before opened_at.")]
    assert counts(load(tmp_path / "t.csv", content, "tickets")) == (0, 2, 0, 1)
    query = "SELECT ticket_id, subject, priority, resolved_at::date::text, satisfaction"
    assert rows(session, f"{query} FROM support_ticket ORDER BY 1") == [
        ("T1", "Export", "high", "2026-05-02", 4),
        ("T2", None, "medium", None, None),
    ]
    recount.assert_agrees(session)


@pytest.mark.usefixtures("customers")
def test_customers_are_found_changed_and_refused(session: Session, tmp_path: Path) -> None:
    take_queue(session)
    assert counts(load(tmp_path / "c.csv", CUSTOMERS, "customers")) == (0, 2, 0, 0)
    assert take_queue(session) == []
    content = (
        "external_id,email,name,segment,owner,churned_at\n"
        "c-1,new@northwind.example,Northwind,smb,Ada,\n"
        "c-1,new@northwind.example,Northwind Ltd,smb,Ada,2026-05-01\n"
        ",OPS@contoso.example,Contoso,enterprise,,\n"
        "c-3,OPS@contoso.example,Other,smb,,\n"
        "c-2,new@northwind.example,Contoso,enterprise,,\n"
        "c-4,x@x.example,X,huge,,\n"
        "c-5,no-address,X,smb,,\n"
        "c-6,y@y.example,Y,smb,,2020-01-01\n"
        "c-7,z@z.example,Z,smb,,\n"
    )
    result = load(tmp_path / "d.csv", content, "customers")
    assert counts(result) == (1, 0, 3, 5)
    assert reasons(result) == [
        ("5", "Another customer has the email address OPS@contoso.example."),
        ("6", "Another customer has the email address new@northwind.example."),
        ("7", "segment: Must be one of startup, smb, enterprise."),
        ("8", "email: Input should be an email address: name@example.com"),
        ("9", "churned_at: churned_at must not be before created_at."),
    ]
    columns = "external_id, name, email, segment, owner, arr, churned_at, created_at"
    stored = rows(session, f"SELECT id, {columns} FROM customer ORDER BY id")
    assert stored == rows(session, f"SELECT customer_id, {columns} FROM customer_health ORDER BY 1")
    assert [row[1:6] for row in stored] == [
        ("c-1", "Northwind Ltd", "new@northwind.example", "smb", "Ada"),
        ("c-2", "Contoso", "OPS@contoso.example", "enterprise", None),
        ("c-7", "Z", "z@z.example", "smb", None),
    ]
    assert str(stored[0][6]) == "24000.0000"  # a field that no column tells stays
    held = rows(session, "SELECT * FROM customer_change ORDER BY customer_id, changed_at")
    assert [row[2:4] for row in held if row[0] == stored[0][0]] == [("smb", None), ("smb", "Ada")]
    waiting = {customer for customer, _ in take_queue(session)}
    assert waiting == {row[0] for row in stored}


@pytest.mark.usefixtures("customers")
def test_stops_between_batches_when_cancelled(session: Session, tmp_path: Path) -> None:
    path, cancel, seen = tmp_path / "e.csv", Cancel(), list[Progress]()
    lines = [f"c-1,login,2026-05-04T09:30:00Z,e{number}\n" for number in range(10_000)]
    path.write_text("external_id,event_type,timestamp,event_id\n" + "".join(lines))

    def stop(progress: Progress) -> None:
        seen.append(progress)
        cancel.set()

    result = run_import(
        path, by=TESTER, kind="events", mapping=inspect(path).mapping,
        rejected_path=tmp_path / "r.csv", progress=stop, cancel=cancel,
    )  # fmt: skip
    assert result.cancelled
    assert len(seen) == 1
    assert 0 < seen[0].rows == result.accepted < 10_000
    assert 0 < seen[0].bytes_done < seen[0].bytes_total
    assert rows(session, "SELECT count(*) FROM event") == [(result.accepted,)]


def test_refuses_what_it_can_not_map_or_would_overwrite(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="No column is mapped to timestamp"):
        load(tmp_path / "e.csv", "email,event_type\n", "events")
    path = tmp_path / "c.csv"
    path.write_text(CUSTOMERS)
    with pytest.raises(ImportRefused, match="would overwrite"):
        run_import(
            path, by=TESTER, kind="customers", mapping=inspect(path).mapping, rejected_path=path
        )
