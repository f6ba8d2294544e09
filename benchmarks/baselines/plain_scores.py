"""The plain way to score: one customer after the other, a query or two a factor, a commit each.

The formulas are the standard model's, for customers older than any window.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Integer, func
from sqlmodel import Session, col, select

from benchmarks.baselines.plain_tables import Customer, Event, HealthScore

WEIGHTS = {
    "api_usage": 0.30,
    "login_frequency": 0.20,
    "payment_timeliness": 0.25,
    "feature_adoption": 0.15,
    "support_tickets": 0.10,
}
EXPECTED_CALLS = {"startup": 200, "smb": 500, "enterprise": 1000}
TICKET_LOAD = {"low": 0.5, "medium": 1.0, "high": 1.5, "urgent": 2.5}


class Score(NamedTuple):
    """A customer's score by the plain way."""

    overall: float
    status: str
    factors: dict[str, float | None]


def rescore(session: Session, customer_id: int, now: datetime) -> Score:
    """Score one customer, store the score, commit."""
    customer = session.get_one(Customer, customer_id)
    score = calculate(session, customer, now)
    stored = session.get_one(HealthScore, customer_id)
    stored.overall_score = score.overall
    stored.status = score.status
    stored.factor_scores = score.factors
    stored.calculated_at = now
    session.commit()
    return score


def calculate(session: Session, customer: Customer, now: datetime) -> Score:
    """A customer's score now, from its raw events."""
    today = now.astimezone(UTC).date()
    factors = {
        "api_usage": _api_usage(session, customer, today),
        "login_frequency": _login_frequency(session, customer, today),
        "payment_timeliness": _payment_timeliness(session, customer, today),
        "feature_adoption": _feature_adoption(session, customer, today),
        "support_tickets": _support_tickets(session, customer, today),
    }
    known = {name: score for name, score in factors.items() if score is not None}
    weight = sum(WEIGHTS[name] for name in known)
    overall = sum(WEIGHTS[name] * score for name, score in known.items()) / weight
    status = "healthy" if overall >= 75 else "at_risk" if overall >= 50 else "critical"
    return Score(overall, status, factors)


def _since(today: date, days: int) -> datetime:
    return datetime.combine(today - timedelta(days=days - 1), time.min, UTC)


def _api_usage(session: Session, customer: Customer, today: date) -> float:
    calls = select(func.sum(Event.data["count"].astext.cast(Integer))).where(
        Event.customer_id == customer.id,
        Event.event_type == "api_call",
        Event.occurred_at >= _since(today, 30),
    )
    total = session.exec(calls).one() or 0
    failed = calls.where(Event.data["status_code"].astext.cast(Integer) >= 400)
    errors = session.exec(failed).one() or 0
    rate = errors / total if total else 0.0
    volume = min(1.0, total / EXPECTED_CALLS[customer.segment])
    return 100 * volume * (1 - max(0.0, rate - 0.05))


def _login_frequency(session: Session, customer: Customer, today: date) -> float:
    logins = session.exec(
        select(func.count())
        .select_from(Event)
        .where(
            Event.customer_id == customer.id,
            Event.event_type == "login",
            Event.occurred_at >= _since(today, 30),
        )
    ).one()
    return 100 * min(1.0, logins / 20)


def _payment_timeliness(session: Session, customer: Customer, today: date) -> float | None:
    payments = session.exec(
        select(Event).where(Event.customer_id == customer.id, Event.event_type == "payment")
    ).all()
    earned = []
    for payment in payments:
        due = date.fromisoformat(payment.data["due_date"])
        paid_text = payment.data.get("paid_date")
        paid = date.fromisoformat(paid_text) if paid_text else None
        if not today - timedelta(days=180) < due <= today or (paid is None and due == today):
            continue
        late = max(0, ((paid or today) - due).days)
        earned.append(max(0.0, 1 - late / 30))
    return 100 * sum(earned) / len(earned) if earned else None


def _feature_adoption(session: Session, customer: Customer, today: date) -> float:
    used = session.exec(
        select(func.count(func.distinct(Event.data["feature_name"].astext))).where(
            Event.customer_id == customer.id,
            Event.event_type == "feature_use",
            Event.occurred_at >= _since(today, 90),
        )
    ).one()
    return 100 * min(1.0, used / 8)


def _support_tickets(session: Session, customer: Customer, today: date) -> float:
    tickets = session.exec(
        select(Event).where(
            Event.customer_id == customer.id,
            Event.event_type == "support_ticket",
            col(Event.occurred_at) >= _since(today, 90),
        )
    ).all()
    load = sum(TICKET_LOAD[ticket.data["priority"]] for ticket in tickets)
    return max(0.0, 100 - 10 * load)
