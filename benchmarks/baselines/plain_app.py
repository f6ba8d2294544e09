"""The plain app: a session a request, the ORM all through, everything computed when it is read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from os import environ
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException
from pydantic import AwareDatetime, BaseModel
from sqlmodel import Session, create_engine, select

from benchmarks.baselines.plain_scores import Score, calculate
from benchmarks.baselines.plain_tables import Customer, Event

app = FastAPI()
engine = create_engine(environ["DATABASE_URL"])


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


class EventCreate(BaseModel):
    event_type: Literal["login", "api_call", "feature_use", "payment", "support_ticket"]
    event_data: dict[str, Any] = {}
    timestamp: AwareDatetime | None = None


class EventRead(BaseModel):
    id: int
    customer_id: int
    event_type: str
    occurred_at: datetime


class Health(BaseModel):
    customer_id: int
    name: str
    overall_score: float
    status: str
    factor_scores: dict[str, float | None]


class Stats(BaseModel):
    total_customers: int
    average_score: float
    by_status: dict[str, int]


@app.post("/customers/{customer_id}/events", status_code=201, response_model=EventRead)
def create_event(customer_id: int, event: EventCreate, session: SessionDep) -> Event:
    if session.get(Customer, customer_id) is None:
        raise HTTPException(404)
    stored = Event(
        customer_id=customer_id,
        event_type=event.event_type,
        occurred_at=event.timestamp or datetime.now(UTC),
        data=event.event_data,
    )
    session.add(stored)
    session.commit()
    session.refresh(stored)
    return stored


@app.get("/customers/{customer_id}/health")
def customer_health(customer_id: int, session: SessionDep) -> Health:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise HTTPException(404)
    return _health(customer, calculate(session, customer, datetime.now(UTC)))


@app.get("/customers")
def customers(session: SessionDep, limit: int = 50, offset: int = 0) -> list[Health]:
    """The lowest scores first: nobody knows them without calculating all."""
    return sorted(_all(session), key=lambda health: health.overall_score)[offset : offset + limit]


@app.get("/dashboard/stats")
def stats(session: SessionDep) -> Stats:
    found = _all(session)
    by_status: dict[str, int] = {}
    for health in found:
        by_status[health.status] = by_status.get(health.status, 0) + 1
    average = sum(health.overall_score for health in found) / max(1, len(found))
    return Stats(total_customers=len(found), average_score=average, by_status=by_status)


def _all(session: Session) -> list[Health]:
    now = datetime.now(UTC)
    return [
        _health(customer, calculate(session, customer, now))
        for customer in session.exec(select(Customer)).all()
    ]


def _health(customer: Customer, score: Score) -> Health:
    return Health(
        customer_id=customer.id or 0,
        name=customer.name,
        overall_score=score.overall,
        status=score.status,
        factor_scores=score.factors,
    )
