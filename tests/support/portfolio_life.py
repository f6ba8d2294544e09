"""Days in the life of a portfolio, at random: what services are told while time passes."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from db.queries import queue
from db.session import write
from services import customers
from services.clock import utc_day
from services.customer_input import CustomerIn, CustomerPatch
from services.errors import InvalidInput
from services.scorer import CHUNK, drain
from tests.support.actors import TESTER
from tests.support.recording import record

START = datetime(2026, 3, 1, 20, tzinfo=UTC)
SEGMENTS = ("startup", "smb", "enterprise")


class Portfolio:
    """A clock, a few customers, and a scorer that drains as the leader does."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self.engine, self.chance, self.now = engine, random.Random(seed), START
        self.ids: list[int] = []
        self.log: list[str] = []
        self._segments: dict[int, list[tuple[date, str]]] = {}
        self._sent: list[tuple[int, str, dict[str, Any]]] = []
        self._scored_day: Any = None
        self._number = 0

    def step(self) -> None:
        """One random thing happens."""
        actions = (
            [self._event] * 12 + [self._patch] * 4 + [self._create, self._delete, self._repeat]
        )
        actions += [self._wait] * 3 + [self._drain_a_little] * 2
        (self.chance.choice(actions) if len(self.ids) > 1 else self._create)()

    def settle(self) -> None:
        """The queue is emptied."""
        self._at_midnight()
        while self._drain(self.chance.choice([CHUNK, 1, 40])):
            pass

    def segment_on(self, customer_id: int, day: date) -> str:
        """The segment that held at the end of a day, from before the first change on."""
        told = self._segments[customer_id]
        return next((name for since, name in reversed(told) if since <= day), told[0][1])

    def _at_midnight(self) -> None:
        today = utc_day(self.now)
        if self._scored_day != today:
            write(lambda session: queue.enqueue_everybody(session, day=today), engine=self.engine)
            self._scored_day = today

    def _drain(self, limit: int) -> int:
        return write(lambda session: drain(session, now=self.now, limit=limit), engine=self.engine)

    def _drain_a_little(self) -> None:
        self._at_midnight()
        self._drain(self.chance.choice([1, 40]))

    def _wait(self) -> None:
        self.now += timedelta(hours=self.chance.choice([1, 4, 9, 23, 26, 24 * 7]))
        self.log.append(f"now {self.now}")

    def _moment(self) -> datetime:
        """Mostly recently, at times long ago, on a day's edge or up to 24 hours ahead."""
        days = self.chance.choice([0, 0, 1, 3, 7, 8, 29, 30, 89, 90, 130])
        moment = self.now - timedelta(days=days, minutes=self.chance.randrange(600))
        ahead = self.now + timedelta(hours=self.chance.choice([1, 5, 24]))
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.chance.choice([moment, moment, moment, midnight, ahead])

    def _create(self) -> None:
        self._number += 1
        values = {
            "name": f"Customer {self._number}",
            "email": f"c{self._number}@example.com",
            "segment": self.chance.choice(SEGMENTS),
            "arr": 1000,
        }
        if self.chance.random() < 0.7:
            values["created_at"] = self._moment().isoformat()
        customer = CustomerIn.model_validate(values)
        item = write(
            lambda session: customers.create(session, by=TESTER, customer=customer, now=self.now),
            engine=self.engine,
        )
        self.ids.append(item.id)
        self._segments[item.id] = [(utc_day(self.now), item.segment)]
        self.log.append(f"create {item.id} {values}")

    def _delete(self) -> None:
        customer_id = self.ids.pop(self.chance.randrange(len(self.ids)))
        write(
            lambda session: customers.delete(session, by=TESTER, customer_id=customer_id),
            engine=self.engine,
        )
        self._sent = [sent for sent in self._sent if sent[0] != customer_id]
        self.log.append(f"delete {customer_id}")

    def _patch(self) -> None:
        customer_id = self.chance.choice(self.ids)
        left = self.now + timedelta(days=self.chance.choice([-100, -20, -1, 0, 0, 1, 2]))
        values: dict[str, Any] = self.chance.choice(
            [
                {"churned_at": left.isoformat()},
                {"churned_at": None},
                {"churned_at": None},
                {"created_at": self._moment().isoformat()},
                {"created_at": self._moment().isoformat(), "churned_at": None},
                {"segment": self.chance.choice(SEGMENTS)},
                {"arr": self.chance.choice([5, None])},
            ]
        )
        changes = CustomerPatch.model_validate(values)
        try:
            write(
                lambda session: customers.patch(
                    session, by=TESTER, customer_id=customer_id, changes=changes, now=self.now
                ),
                engine=self.engine,
            )
        except InvalidInput:  # churned before created
            return
        if "segment" in values:
            self._segments[customer_id].append((utc_day(self.now), values["segment"]))
        self.log.append(f"patch {customer_id} {values}")

    def _event(self) -> None:
        self._number += 1
        self._send(self.chance.choice(self.ids), f"e{self._number}", self._some_event())

    def _repeat(self) -> None:
        if self._sent:
            self._send(*self.chance.choice(self._sent))

    def _send(self, customer_id: int, event_id: str, event: dict[str, Any]) -> None:
        record(self.engine, customer_id, now=self.now, event_id=event_id, **event)
        self._sent.append((customer_id, event_id, event))
        self.log.append(f"event {customer_id} {event_id} {event}")

    def _some_event(self) -> dict[str, Any]:
        pick = self.chance.choice
        event_type = pick(["login", "api_call", "feature_use", "payment", "support_ticket"])
        day = utc_day(self._moment()) + timedelta(days=pick([-20, 0, 15, 40]))
        data: dict[str, dict[str, Any]] = {
            "login": {},
            "api_call": {
                "endpoint": "/v1",
                "count": pick([1, 60, 900]),
                "status_code": pick([200, 200, 500]),
            },
            "feature_use": {"feature_name": pick("abcdefghij")},
            "payment": {
                "amount": 10,
                "invoice_id": pick(["I1", "I2", "I3"]),
                "status": pick(["paid", "pending", "failed"]),
                **pick([{}, {"due_date": day.isoformat()}, {"paid_date": day.isoformat()}]),
            },
            "support_ticket": {
                "ticket_id": pick(["T1", "T2", "T3"]),
                **pick([{}, {"priority": pick(["low", "urgent"])}, {"status": "resolved"}]),
            },
        }
        return {
            "event_type": event_type,
            "event_data": data[event_type],
            "timestamp": self._moment().isoformat(),
        }


def everyone(session: Session) -> list[dict[str, Any]]:
    """The customers' own rows."""
    rows = session.connection().exec_driver_sql("SELECT * FROM customer ORDER BY id")
    return [dict(row) for row in rows.mappings()]
