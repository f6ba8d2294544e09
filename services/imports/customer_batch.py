"""Storing a batch of rows that tell customers, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db.queries import customer_import as queries
from services import customers
from services.customer_input import CustomerIn, CustomerPatch
from services.errors import ServiceError
from services.imports.batch import BatchResult
from services.imports.csv_file import Row
from services.imports.customer_rows import CustomerRows
from services.imports.reasons import RowRejected, explain


def store(
    session: Session, *, reader: CustomerRows, rows: Sequence[Row], now: datetime
) -> BatchResult:
    """Create or update the customers that the rows tell; a verdict for every row."""
    result = BatchResult()
    for place, row in enumerate(rows):
        try:
            told = reader.customer(row)
            with session.begin_nested():
                _store(session, reader, told, now, result)
        except RowRejected as error:
            result.rejected.append((place, str(error)))
        except ServiceError as error:
            result.rejected.append((place, explain(error, {})))
    return result


def _store(
    session: Session, reader: CustomerRows, told: CustomerIn, now: datetime, result: BatchResult
) -> None:
    found = {}
    if told.external_id:
        found = queries.by_external_id(session, values=[told.external_id])
    found = found or queries.by_email(session, values=[told.email])
    if not found:
        customers.create(session, customer=told, now=now)
        result.accepted += 1
        return
    (customer_id,) = found.values()
    stored = customers.get_item(session, customer_id=customer_id)
    values = told.model_dump(include=set(reader.mapped))
    changed = {
        name: value
        for name, value in values.items()
        if getattr(stored, name) != value and not (name == "created_at" and value is None)
    }
    if not changed:
        result.duplicates += 1
        return
    patch = CustomerPatch.model_construct(_fields_set=set(changed), **changed)
    customers.patch(session, customer_id=customer_id, changes=patch, now=now)
    result.updated += 1
