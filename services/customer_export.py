"""Customers as CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from services.customer_filters import DEFAULT_SORT, CustomerFilters
from services.customers import all_items
from services.views import CustomerItem

COLUMNS: tuple[str, ...] = tuple(CustomerItem.model_fields)
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_lines(
    session: Session, *, now: datetime, filters: CustomerFilters, sort: str = DEFAULT_SORT
) -> Iterator[str]:
    """The heading, then a line for each customer that the filters leave, read page by page."""
    yield line(COLUMNS)
    for item in all_items(session, now=now, filters=filters, sort=sort):
        values = item.model_dump()
        yield line([cell(values[column]) for column in COLUMNS])


def cell(value: object) -> str:
    """One value as text: scores with two decimals, times in ISO 8601, nothing for null.

    A spreadsheet runs text that starts like a formula, so such text gets an apostrophe before
    it. Numbers and dates are ours and stay as they are.
    """
    if value is None:
        return ""
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return f"{round(value, 2)}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def line(cells: tuple[str, ...] | list[str]) -> str:
    """One line of a CSV file (RFC 4180)."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
