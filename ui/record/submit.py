"""Storing what the form holds, and measuring what it does to the score."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from db.session import is_unavailable, read, write
from services import ingest
from services.clock import utc_now
from services.errors import InvalidInput, ServiceError
from services.events import EventIn
from services.health import customer_health
from services.roles import Role
from services.scoring_models import active_model
from services.views import CustomerHealth
from ui import customer_loaders, forbidden, identity
from ui.charts.bands import Bands
from ui.record import draft as drafts
from ui.record import fields

SOURCE = "dashboard"
AWAY = "The database can't be reached right now. Nothing was recorded; try again in a moment."


def submit(
    draft: drafts.Draft,
    customer_id: int | None,
    event_type: str,
    values: Mapping[str, Any],
    when: datetime | None,
) -> None:
    """Records the draft, or says on it what is wrong; what was typed stays."""
    with draft.recording:
        if draft.effect is None:
            draft.problems = _problems(draft, customer_id, event_type, values, when)


def _problems(
    draft: drafts.Draft,
    customer_id: int | None,
    event_type: str,
    values: Mapping[str, Any],
    when: datetime | None,
) -> list[str]:
    if not identity.may(Role.EDITOR):  # the page may be older than the role
        return [forbidden.sentence(Role.EDITOR)]
    if customer_id is None:
        return ["Choose a customer."]
    try:
        event = fields.event(event_type, values, event_id=draft.event_id, when=when)
        draft.effect = _record(draft, customer_id, event)
    except ValidationError as error:
        return fields.problems(error)
    except InvalidInput as error:
        return [fields.sentence(error.field, str(error))]
    except ServiceError as error:
        return [str(error)]
    except SQLAlchemyError as error:
        if not is_unavailable(error):
            raise
        logging.getLogger(__name__).warning("database unavailable while recording: %s", error)
        return [AWAY]
    return []


def _record(draft: drafts.Draft, customer_id: int, event: EventIn) -> drafts.Effect:
    if customer_id not in draft.before:
        draft.before[customer_id] = _health(customer_id)
    now = utc_now()
    receipt = write(
        lambda session: ingest.record_event(
            session, customer_id=customer_id, event=event, source=SOURCE, now=now
        )
    )
    customer_loaders.forget()
    after = _health(customer_id)
    with read() as session:
        bands = active_model(session)[0].bands
    return drafts.Effect(
        customer_id, receipt, draft.before[customer_id], after, Bands(bands.healthy, bands.at_risk)
    )


def _health(customer_id: int) -> CustomerHealth:
    with read() as session:
        return customer_health(session, customer_id=customer_id, now=utc_now())
