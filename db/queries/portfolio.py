"""The portfolio now and on past days, added up from its totals (`db.queries.totals`)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, select, true
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session

from db.tables import PortfolioDay

_now = PortfolioDay.metadata.tables["portfolio_now"].c
_day = PortfolioDay.metadata.tables["portfolio_day"].c

HIGHEST = 19
"""The last `score_bin`: from 95 to 100, which only this one includes."""


def by_segment_and_status(session: Session, *, now: datetime) -> Sequence[Row[Any]]:
    """Customers, their scores and ARR per segment and status; churned ones left out."""
    statement = (
        select(
            _now.segment,
            _now.status,
            *_sums(_now),
            func.max(_now.changed_at).label("changed_at"),
        )
        .where(_now.churned_at > now)
        .group_by(_now.segment, _now.status)
        .having(func.sum(_now.customers) != 0)
        .order_by(_now.segment, _now.status)
    )
    return _run(session, statement)


def by_score(session: Session, *, now: datetime) -> Sequence[Row[Any]]:
    """Customers by fifth of ten points (`score_bin` n holds 5n to below 5n + 5; 19 holds 100
    too) and status; without churned ones and those without a score."""
    statement = (
        select(_now.score_bin, _now.status, func.sum(_now.customers).label("customers"))
        .where(_now.churned_at > now, _now.score_bin.is_not(None))
        .group_by(_now.score_bin, _now.status)
    )
    return _run(session, statement)


def count(
    session: Session,
    *,
    status: Sequence[str],
    segment: Sequence[str],
    churned: str,
    now: datetime,
) -> tuple[int, Decimal]:
    """How many customers these filters of the list leave, and their ARR."""
    statement = select(
        func.coalesce(func.sum(_now.customers), 0), func.coalesce(func.sum(_now.arr), 0)
    ).where(
        _now.status.in_(status) if status else true(),
        _now.segment.in_(segment) if segment else true(),
        _churned(churned, now),
    )
    customers, arr = session.connection().execute(statement).one()
    return int(customers), Decimal(arr)


class Place(NamedTuple):
    """Customers of one status and fifth of ten points, whoever has left included."""

    status: str
    score_bin: int | None
    """None without a score."""
    customers: int


def places(session: Session) -> list[Place]:
    """Where customers are, and how many."""
    number = func.sum(_now.customers)
    statement = select(_now.status, _now.score_bin, number)
    statement = statement.group_by(_now.status, _now.score_bin).having(number > 0)
    return [
        Place(status, score_bin, int(customers))
        for status, score_bin, customers in session.connection().execute(statement)
    ]


def existing_segments(session: Session, *, segments: Sequence[str]) -> list[str]:
    """Those of the segments that some customer has."""
    if not segments:
        return []
    statement = select(_now.segment).where(_now.segment.in_(segments)).group_by(_now.segment)
    statement = statement.having(func.sum(_now.customers) > 0)
    return list(session.connection().execute(statement).scalars())


def days(session: Session, *, start: date, end: date) -> Sequence[Row[Any]]:
    """Scores of each day from `start` to `end` per status; who left on a day is out of it."""
    statement = (
        select(_day.day, _day.status, *_sums(_day))
        .where(_day.day.between(start, end))
        .group_by(_day.day, _day.status)
        .having(func.sum(_day.customers) != 0)
        .order_by(_day.day)
    )
    return _run(session, statement)


def _run(session: Session, statement: Select[Any]) -> Sequence[Row[Any]]:
    return session.connection().execute(statement).all()


def _sums(columns: Any) -> list[ColumnElement[Any]]:
    names = ("customers", "scored", "score_sum", "arr")
    return [func.sum(columns[name]).label(name) for name in names]


def _churned(churned: str, now: datetime) -> ColumnElement[bool]:
    if churned == "any":
        return true()
    return _now.churned_at <= now if churned == "true" else _now.churned_at > now
