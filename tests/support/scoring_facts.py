"""Stored facts to score, put in place as their rows: what ingestion would have left behind."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from db.queries import queue, totals
from services.scorer import drain

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SIGNALS = {"login": 1, "api_call": 2, "api_error": 3, "feature_use": 4, "session_seconds": 5}
SOURCES = ("login", "api_call", "feature_use", "support_ticket")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def moment(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def run(session: Session, statement: str, **values: Any) -> Any:
    return session.connection().execute(text(statement), values)


def add_customer(
    session: Session,
    name: str = "Acme",
    *,
    segment: str = "smb",
    created: date = date(2024, 1, 1),
    churned: date | None = None,
) -> int:
    values = {
        "name": name,
        "email": f"{name}@example.com",
        "segment": segment,
        "created_at": moment(created),
        "churned_at": churned and moment(churned),
    }
    customer_id: int = run(
        session,
        "INSERT INTO customer (name, email, segment, created_at, churned_at, arr)"
        " VALUES (:name, :email, :segment, :created_at, :churned_at, 1000) RETURNING id",
        **values,
    ).scalar_one()
    run(
        session,
        "INSERT INTO customer_health (customer_id, name, email, segment, created_at, churned_at,"
        " arr, status, coverage, factor_scores, calculated_at) SELECT id, name, email, segment,"
        " created_at, churned_at, arr, 'no_data', 0, '{}', created_at FROM customer WHERE id = :id",
        id=customer_id,
    )
    totals.put_in(session, customer_ids=[customer_id], now=NOW)
    return customer_id


def add_activity(
    session: Session, customer_id: int, signal: str, day: date, n: int = 1, key: str = ""
) -> None:
    run(
        session,
        "INSERT INTO daily_activity VALUES (:id, :day, :signal, :key, :n, :at)"
        " ON CONFLICT (customer_id, day, signal, key) DO UPDATE SET n = daily_activity.n + :n",
        id=customer_id,
        day=day,
        signal=SIGNALS[signal],
        key=key,
        n=n,
        at=moment(day),
    )
    if signal in SOURCES:
        see(session, customer_id, 3, signal, day)
    if signal == "feature_use":
        see(session, customer_id, 4, key, day)


def see(session: Session, customer_id: int, kind: int, name: str, day: date) -> None:
    run(
        session,
        "INSERT INTO last_seen AS s VALUES (:id, :kind, :name, :at, :at)"
        " ON CONFLICT (customer_id, kind, name) DO UPDATE SET"
        " first_at = LEAST(s.first_at, :at), last_at = GREATEST(s.last_at, :at)",
        id=customer_id,
        kind=kind,
        name=name,
        at=moment(day),
    )


def connect(session: Session, day: date = date(2024, 1, 1), *sources: str) -> None:
    for source in sources or SOURCES:
        run(session, "INSERT INTO connected_source VALUES (:s, :d, :d)", s=source, d=day)


def add_invoice(
    session: Session,
    customer_id: int,
    due: date,
    paid: date | None,
    *,
    name: str | None = None,
    amount: str = "100",
    currency: str = "USD",
) -> None:
    run(
        session,
        "INSERT INTO invoice VALUES (:id, :name, :amount, :currency, :status, :due, :paid)",
        id=customer_id,
        name=name or f"due {due}",
        amount=amount,
        currency=currency,
        status="paid" if paid else "pending",
        due=due,
        paid=paid,
    )


def add_ticket(
    session: Session,
    customer_id: int,
    opened: datetime,
    priority: str = "medium",
    *,
    resolved: datetime | None = None,
    satisfaction: int | None = None,
) -> None:
    run(
        session,
        "INSERT INTO support_ticket VALUES (:id, :name, 's', :priority, :opened, :resolved, :sat)",
        id=customer_id,
        name=f"{priority} {opened}",
        priority=priority,
        opened=opened,
        resolved=resolved,
        sat=satisfaction,
    )
    see(session, customer_id, 3, "support_ticket", opened.date())


def rescore(session: Session, *entries: tuple[int | None, date], now: datetime = NOW) -> None:
    """Queue, commit, score all that waits, commit."""
    queue.enqueue(session, entries=entries)
    session.commit()
    while drain(session, now=now):
        session.commit()
    session.commit()


def stored(session: Session, customer_id: int) -> dict[str, Any]:
    row = run(session, "SELECT * FROM customer_health WHERE customer_id = :id", id=customer_id)
    return dict(row.mappings().one())


def snapshots(session: Session, customer_id: int) -> dict[date, dict[str, Any]]:
    rows = run(
        session,
        "SELECT * FROM health_snapshot WHERE customer_id = :id ORDER BY day",
        id=customer_id,
    )
    return {row["day"]: dict(row) for row in rows.mappings()}


def waiting(session: Session) -> int:
    count: int = run(session, "SELECT count(*) FROM rescore_queue").scalar_one()
    return count
