"""What people change over time: a customer's own values, and the scoring model in force."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from db.queries import scoring_models
from services import customers
from services.customer_input import CustomerPatch
from tests.support.actors import TESTER
from tests.support.scoring_facts import NOW


def change(session: Session, customer_id: int, *, now: datetime = NOW, **values: Any) -> None:
    """Change the customer as PATCH does."""
    changes = CustomerPatch.model_validate(values)
    customers.patch(session, by=TESTER, customer_id=customer_id, changes=changes, now=now)


def activate(session: Session, name: str, now: datetime, version: int = 1) -> None:
    """Let another model be in force from now on."""
    scoring_models.activate(session, name=name, version=version, actor="a", reason="", now=now)
