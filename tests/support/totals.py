"""The portfolio's totals, recounted from scores and snapshots by plain arithmetic in Python."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

Sums = dict[tuple[Any, ...], list[Any]]


def drift(session: Session, *, now: datetime) -> list[str]:
    """Where the stored totals differ from a recount; empty when they don't."""
    return [
        f"{kind} {key}: stored {stored.get(key)}, counted {counted.get(key)}"
        for kind, stored, counted in (
            ("now", _stored_now(session, now), _counted_now(session, now)),
            ("day", _stored_days(session), _counted_days(session)),
        )
        for key in sorted(stored.keys() | counted.keys(), key=str)
        if stored.get(key) != counted.get(key)
    ]


def _stored_now(session: Session, now: datetime) -> Sums:
    rows = _run(
        session,
        "SELECT segment, status, score_bin, CASE WHEN churned_at <= :now THEN 'left'"
        " ELSE churned_at::text END, customers, scored, score_sum, arr FROM portfolio_now",
        now=now,
    )
    return _added((row[:4], row[4:]) for row in rows)


def _counted_now(session: Session, now: datetime) -> Sums:
    rows = _run(
        session,
        "SELECT segment, status, overall_score, CASE WHEN churned_at <= :now THEN 'left'"
        " ELSE COALESCE(churned_at, 'infinity')::text END, arr FROM customer_health",
        now=now,
    )
    return _added(
        ((segment, status, _bin(score), left), _one(score, arr))
        for segment, status, score, left, arr in rows
    )


def _stored_days(session: Session) -> Sums:
    rows = _run(session, "SELECT day, status, customers, scored, score_sum, arr FROM portfolio_day")
    return _added((row[:2], row[2:]) for row in rows)


def _counted_days(session: Session) -> Sums:
    churned = _run(session, "SELECT id, churned_at FROM customer WHERE churned_at IS NOT NULL")
    left = {customer_id: moment.astimezone(UTC).date() for customer_id, moment in churned}
    rows = _run(session, "SELECT customer_id, day, status, overall_score, arr FROM health_snapshot")
    return _added(
        ((day, status), _one(score, arr))
        for customer_id, day, status, score, arr in rows
        if customer_id not in left or day < left[customer_id]
    )


def _run(session: Session, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.connection().execute(text(statement), values)]


def _added(rows: Iterable[tuple[tuple[Any, ...], Iterable[Any]]]) -> Sums:
    found: Sums = defaultdict(lambda: [0, 0, Decimal(0), Decimal(0)])
    for key, values in rows:
        found[key] = [total + value for total, value in zip(found[key], values, strict=True)]
    return {key: sums for key, sums in found.items() if any(sums)}


def _one(score: float | None, arr: Decimal | None) -> tuple[Any, ...]:
    scored = score is not None
    return 1, int(scored), Decimal(f"{score:.15g}") if scored else 0, arr or 0


def _bin(score: float | None) -> int | None:
    return None if score is None else min(int(score // 5), 19)
