"""Whom rows are about: the customer that the first filled one of its columns names."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter

from sqlmodel import Session

from db.queries import customer_import as queries
from db.tables import LARGEST_BIGINT
from services.imports.csv_file import Row
from services.imports.event_rows import Reference
from services.imports.kinds import REFERENCES

Cells = str | tuple[str, ...]


class References:
    """Finds customers under one mapping."""

    def __init__(self, places: Mapping[str, int], width: int) -> None:
        self._names = [name for name in REFERENCES if name in places]
        self._cells: Callable[[Row], Cells] = itemgetter(*(places[name] for name in self._names))
        self._width = width

    def find(self, session: Session, rows: Sequence[Row]) -> list[int | None]:
        """The id of each row's customer; None where there is none or the row has a wrong width."""
        if set(map(len, rows)) == {self._width}:
            named: list[Cells] = list(map(self._cells, rows))
        else:
            named = [self._cells(row) if len(row) == self._width else "" for row in rows]
        first = {cells: self._first(cells) for cells in set(named)}
        ids = _resolve(session, {reference for reference in first.values() if reference})
        found = {cells: ids.get(reference) for cells, reference in first.items() if reference}
        return list(map(found.get, named))

    def _first(self, cells: Cells) -> Reference | None:
        each = (cells,) if isinstance(cells, str) else cells
        filled = (Reference(*pair) for pair in zip(self._names, each, strict=False) if pair[1])
        return next(filled, None)


def _resolve(session: Session, references: Iterable[Reference]) -> dict[Reference, int]:
    by: dict[str, list[str]] = {"customer_id": [], "external_id": [], "email": []}
    for reference in references:
        by[reference.by].append(reference.value)
    found = {
        Reference("customer_id", value): int(value)
        for value in by["customer_id"]
        if value.isascii() and value.isdigit() and len(value) < 20 and int(value) <= LARGEST_BIGINT
    }
    for name, lookup in _LOOKUPS.items():
        for value, customer_id in lookup(session, values=by[name]).items():
            found[Reference(name, value)] = customer_id
    return found


_LOOKUPS: dict[str, Callable[..., dict[str, int]]] = {
    "external_id": queries.by_external_id,
    "email": queries.by_email,
}
