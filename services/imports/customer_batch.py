"""Storing a batch of rows that tell customers, in one transaction."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from db.queries import customer_changes, queue
from db.queries import customer_import as queries
from db.queries.customer_import import CustomerRow
from services import audit
from services.actor import Actor
from services.clock import utc_day
from services.customer_input import CustomerIn
from services.customers import check_values, first_day, subject
from services.errors import EmailTaken, ExternalIdTaken, InvalidInput
from services.imports.batch import SCORE_AFTER, Verdict
from services.imports.csv_file import Row
from services.imports.customer_rows import CustomerRows
from services.imports.reasons import RowRejected, explain
from services.scoring_models import active_model

Placed = tuple[int, CustomerIn]
"""A row's place in the batch and the customer that it tells."""


def store(
    session: Session, *, by: Actor, reader: CustomerRows, rows: Sequence[Row], now: datetime
) -> Verdict:
    """Create or change the customers that the rows tell; a verdict for every row."""
    result = Verdict()
    told: list[Placed] = []
    for place, row in enumerate(rows):
        try:
            told.append((place, reader.customer(row)))
        except RowRejected as error:
            result.rejected.append((place, str(error)))
    segments = active_model(session)[0].segments
    batch = _Batch(session, by, reader.mapped, segments, now, result)
    for apart in _rounds(told):
        batch.store(apart)
    result.rejected.sort()
    return result


def _rounds(told: Sequence[Placed]) -> Iterator[list[Placed]]:
    """Rows in their order, such that no customer comes twice in one round."""
    rounds: list[list[Placed]] = []
    last: dict[tuple[str, str], int] = {}
    for placed in told:
        keys = [("email", placed[1].email.lower()), ("external_id", placed[1].external_id or "")]
        keys = [key for key in keys if key[1]]
        number = 1 + max(last.get(key, -1) for key in keys)
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(placed)
        last |= dict.fromkeys(keys, number)
    yield from rounds


class _Batch:
    """What the rounds of a batch share."""

    def __init__(
        self,
        session: Session,
        by: Actor,
        mapped: frozenset[str],
        segments: Sequence[str],
        now: datetime,
        result: Verdict,
    ) -> None:
        self._session = session
        self._by = by
        self._mapped = mapped
        self._segments = segments
        self._now = now
        self._result = result

    def store(self, told: list[Placed]) -> None:
        """Store customers that are all different ones."""
        found = self._find(told)
        stored = queries.lock(self._session, ids=sorted(set(found.values())))
        new: list[tuple[int, CustomerRow]] = []
        changed: list[tuple[int, int, CustomerRow]] = []
        seen: set[int | None] = set()
        later: list[Placed] = []
        for place, customer in told:
            customer_id = found.get(place)
            if customer_id is not None and customer_id in seen:
                later.append((place, customer))
                continue
            seen.add(customer_id)
            before = stored.get(customer_id) if customer_id is not None else None
            try:
                after = self._after(customer, before)
            except (InvalidInput, EmailTaken) as error:
                self._reject(place, error)
                continue
            if customer_id is None or before is None:
                new.append((place, after))
            elif after == before:
                self._result.duplicates += 1
            else:
                changed.append((place, customer_id, after))
        self._insert(new)
        self._update(changed, stored)
        if later:  # one row names a customer by its external id, another by its email address
            self.store(later)

    def _find(self, told: Sequence[Placed]) -> dict[int, int]:
        """Place → id of the customer: by its external id, else by its email address."""
        named = [customer.external_id for _, customer in told if customer.external_id]
        ids = queries.by_external_id(self._session, values=named)
        rest = [customer.email for _, customer in told if customer.external_id not in ids]
        emails = queries.by_email(self._session, values=rest)
        found = {
            place: ids.get(customer.external_id or "") or emails.get(customer.email)
            for place, customer in told
        }
        return {place: customer_id for place, customer_id in found.items() if customer_id}

    def _after(self, told: CustomerIn, before: CustomerRow | None) -> CustomerRow:
        """The customer as the row wants it; what no column is mapped to stays."""
        stated = {name: getattr(told, name) for name in self._mapped}
        if before is None:
            values: dict[str, Any] = {**dict.fromkeys(CustomerRow._fields), **stated}
            values["created_at"] = told.created_at or self._now
            given = set(values)
        else:
            if told.external_id and before.external_id not in (None, told.external_id):
                raise EmailTaken(told.email)
            if told.created_at is None:
                stated.pop("created_at", None)
            if told.external_id is None:
                stated.pop("external_id", None)
            values = {**before._asdict(), **stated}
            given = {name for name in stated if getattr(before, name) != values[name]}
        check_values(values, self._now, given=given, segments=self._segments)
        return CustomerRow(**values)

    def _insert(self, new: Sequence[tuple[int, CustomerRow]]) -> None:
        ids = queries.insert(self._session, rows=[row for _, row in new], now=self._now)
        for place, row in new:
            if row.email not in ids:
                self._reject(place, self._taken(row))
        self._result.accepted += len(ids)
        days = {row.email: utc_day(row.created_at) for _, row in new}
        self._enqueue([(ids[email], days[email]) for email in ids])
        fields = [name for name in CustomerRow._fields if name in self._mapped]
        changes = [(subject(customer_id), fields) for customer_id in ids.values()]
        audit.record_each(self._session, by=self._by, action="customer.created", changes=changes)

    def _update(
        self, changed: Sequence[tuple[int, int, CustomerRow]], stored: dict[int, CustomerRow]
    ) -> None:
        """All at once or, where one can't be, by halves down to that one."""
        if not changed:
            return
        rows = {customer_id: row for _, customer_id, row in changed}
        try:
            with self._session.begin_nested():
                queries.update(self._session, rows=rows, now=self._now)
        except IntegrityError:
            if len(changed) == 1:
                self._reject(changed[0][0], self._taken(changed[0][2], changed[0][1]))
                return
            middle = len(changed) // 2
            self._update(changed[:middle], stored)
            self._update(changed[middle:], stored)
            return
        self._result.updated += len(changed)
        before = {customer_id: stored[customer_id]._asdict() for customer_id in rows}
        after = {customer_id: row._asdict() for customer_id, row in rows.items()}
        customer_changes.remember(self._session, before=before, after=after, now=self._now)
        self._enqueue([(key, first_day(before[key], after[key], self._now)) for key in rows])
        changes = [(subject(key), _differing(stored[key], row)) for key, row in rows.items()]
        audit.record_each(self._session, by=self._by, action="customer.changed", changes=changes)

    def _taken(self, row: CustomerRow, customer_id: int = 0) -> EmailTaken | ExternalIdTaken:
        owner = queries.by_email(self._session, values=[row.email]).get(row.email, customer_id)
        return EmailTaken(row.email) if owner != customer_id else ExternalIdTaken(row.external_id)

    def _reject(self, place: int, error: InvalidInput | EmailTaken | ExternalIdTaken) -> None:
        self._result.rejected.append((place, explain(error, {})))

    def _enqueue(self, entries: list[tuple[int | None, date]]) -> None:
        queue.enqueue(self._session, entries=sorted(entries), after=SCORE_AFTER)


def _differing(before: CustomerRow, after: CustomerRow) -> list[str]:
    pairs = zip(CustomerRow._fields, before, after, strict=True)
    return [name for name, old, new in pairs if old != new]
