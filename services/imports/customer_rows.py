"""Rows of customers, judged by the same schema as the API's."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

from services.customer_input import CustomerIn
from services.imports import cells
from services.imports.csv_file import Row
from services.imports.mapping import Mapping
from services.imports.reasons import RowRejected, explain

_CLEAN: dict[str, Callable[[str], Any]] = {
    "segment": str.strip,
    "email": str.strip,
    "arr": cells.number,
    "renewal_date": str.strip,
    "created_at": cells.start,
    "churned_at": cells.start,
}


class CustomerRows:
    """Reads rows under one mapping."""

    def __init__(self, mapping: Mapping, columns: Sequence[str]) -> None:
        self._width = len(columns)
        self._places = [
            (field, columns.index(column)) for field, column in mapping.items() if column
        ]
        self.mapped = frozenset(field for field, _ in self._places)

    def customer(self, row: Row) -> CustomerIn:
        """The customer that the row tells.

        Raises:
            RowRejected: with the reason.
        """
        if len(row) != self._width:
            raise RowRejected(f"The row has {len(row)} cells, the header {self._width}.")
        values: dict[str, Any] = {
            field: _CLEAN.get(field, str)(row[place]) for field, place in self._places if row[place]
        }
        try:
            return CustomerIn.model_validate(values)
        except ValidationError as error:
            raise RowRejected(explain(error, {})) from None
