"""Customers: create, change, erase, list. Creating and changing queue a rescore."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from db.queries import customer_changes, queue
from db.queries import customers as queries
from db.tables import LARGEST_BIGINT
from services import audit
from services.actor import Actor
from services.clock import utc_day
from services.customer_input import CustomerIn, CustomerPatch
from services.customer_list import CustomerTotals, all_items, count_items, list_items, owners
from services.errors import EmailTaken, ExternalIdTaken, InvalidInput, ServiceError, UnknownCustomer
from services.scoring_models import active_model
from services.views import CustomerItem

__all__ = [
    "CustomerIn",
    "CustomerPatch",
    "CustomerTotals",
    "all_items",
    "count_items",
    "create",
    "delete",
    "get_item",
    "list_items",
    "owners",
    "patch",
    "require",
]

LATEST_YEAR = 2999


def create(session: Session, *, by: Actor, customer: CustomerIn, now: datetime) -> CustomerItem:
    """Store a customer and its `no_data` row.

    Raises:
        InvalidInput: an unknown segment, or dates that contradict each other.
        EmailTaken, ExternalIdTaken: another customer has it.
    """
    values = customer.model_dump()
    values["created_at"] = customer.created_at or now
    _check(session, values, now, given=values.keys())
    try:
        customer_id = queries.insert_customer(session, values=values, now=now)
    except IntegrityError as error:
        raise _taken(error, values) from error
    queue.enqueue(session, entries=[(customer_id, utc_day(values["created_at"]))])
    audit.record(
        session,
        by=by,
        action="customer.created",
        subject=subject(customer_id),
        fields=[name for name in values if name in customer.model_fields_set],
    )
    return get_item(session, customer_id=customer_id)


def patch(
    session: Session, *, by: Actor, customer_id: int, changes: CustomerPatch, now: datetime
) -> CustomerItem:
    """Change what `changes` names; null clears an optional value.

    Raises:
        UnknownCustomer, InvalidInput, EmailTaken, ExternalIdTaken
    """
    _check_id(customer_id)
    before = queries.lock(session, customer_id=customer_id)
    if before is None:
        raise UnknownCustomer(customer_id)
    values = changes.model_dump(exclude_unset=True)
    after = {**before, **values}
    _check(session, after, now, given=values.keys())
    if values:
        try:
            queries.update_customer(session, customer_id=customer_id, values=values, now=now)
        except IntegrityError as error:
            raise _taken(error, values) from error
        customer_changes.remember(
            session, before={customer_id: before}, after={customer_id: after}, now=now
        )
        queue.enqueue(session, entries=[(customer_id, first_day(before, after, now))])
    if changed := [name for name in values if before[name] != after[name]]:
        about = subject(customer_id)
        audit.record(session, by=by, action="customer.changed", subject=about, fields=changed)
    return get_item(session, customer_id=customer_id)


def delete(session: Session, *, by: Actor, customer_id: int) -> None:
    """Erase a customer with all that hangs on it.

    Raises:
        UnknownCustomer: there is none (any more).
    """
    _check_id(customer_id)
    if not queries.erase(session, customer_id=customer_id):
        raise UnknownCustomer(customer_id)
    audit.record(session, by=by, action="customer.erased", subject=subject(customer_id))


def subject(customer_id: int) -> str:
    """What the audit log calls a customer."""
    return f"customer:{customer_id}"


def get_item(session: Session, *, customer_id: int) -> CustomerItem:
    """The customer as lists show it.

    Raises:
        UnknownCustomer: there is none.
    """
    _check_id(customer_id)
    row = queries.item(session, customer_id=customer_id)
    if row is None:
        raise UnknownCustomer(customer_id)
    return CustomerItem.model_validate(dict(row))


def require(session: Session, *, customer_id: int) -> None:
    """Raises: UnknownCustomer: there is none."""
    _check_id(customer_id)
    if not queries.exists(session, customer_id=customer_id):
        raise UnknownCustomer(customer_id)


def _check_id(customer_id: int) -> None:
    if not 0 < customer_id <= LARGEST_BIGINT:
        raise UnknownCustomer(customer_id)


def _check(
    session: Session, values: Mapping[str, Any], now: datetime, *, given: Collection[str]
) -> None:
    segments = active_model(session)[0].segments if "segment" in given else ()
    check_values(values, now, given=given, segments=segments)


def check_values(
    values: Mapping[str, Any], now: datetime, *, given: Collection[str], segments: Collection[str]
) -> None:
    """What one value alone can't tell; `given` names the values that the caller sent.

    Raises:
        InvalidInput: an unknown segment, or dates that contradict each other.
    """
    if "segment" in given and values["segment"] not in segments:
        raise InvalidInput("segment", f"Must be one of {', '.join(segments)}.")
    created_at, churned_at = values["created_at"], values["churned_at"]
    if "created_at" in given and created_at > now + timedelta(days=1):
        raise InvalidInput("created_at", "Must not be more than 24 hours ahead.")
    if churned_at is None or not {"created_at", "churned_at"} & set(given):
        return
    if churned_at.year > LATEST_YEAR:
        raise InvalidInput("churned_at", f"Must be in the year {LATEST_YEAR} or before.")
    if churned_at < created_at:
        field = "churned_at" if "churned_at" in given else "created_at"
        raise InvalidInput(field, "churned_at must not be before created_at.")


def _taken(error: IntegrityError, values: Mapping[str, Any]) -> ServiceError | IntegrityError:
    """PostgreSQL is the judge of uniqueness: asking first would leave a race."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if constraint == "uq_customer_email":
        return EmailTaken(values["email"])
    if constraint == "uq_customer_external_id":
        return ExternalIdTaken(values["external_id"])
    return error


def first_day(before: Mapping[str, Any], after: Mapping[str, Any], now: datetime) -> date:
    """The earliest day whose score the change can move."""
    days = [utc_day(now)]
    for field in ("created_at", "churned_at"):
        if before[field] != after[field]:
            days += [utc_day(moment) for moment in (before[field], after[field]) if moment]
    return min(days)
