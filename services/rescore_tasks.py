"""What a rescore has to do: which customers, and which days of each."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session

from db.queries import queue, rescore
from db.queries.rescore import Life
from db.queries.signals import Span

HISTORY_DAYS = 540
"""Days of history, today included, that a rescore fills; what is stored beyond is mended."""


class Task(NamedTuple):
    """A customer's days to score, `first` to `life.last`; none when `first` is after it."""

    life: Life
    first: date
    named: bool
    """Whether it waits by itself, so that its life may have changed; not only with everybody."""

    @property
    def span(self) -> Span:
        """The days to score. The last one always is: before day 0 it says no_data."""
        return Span(self.life.customer_id, min(self.first, self.life.last), self.life.last)

    @property
    def days(self) -> int:
        return (self.span.last_day - self.span.first_day).days + 1


def find_tasks(
    session: Session,
    *,
    entries: Sequence[queue.Entry],
    today: date,
    limit: int,
) -> list[Task]:
    """Each customer once, with all its days that the entries speak of or that were missed.

    Args:
        limit: (customer, day) pairs; where everybody waits, the others wait on.
    """
    named: dict[int, date] = {}
    for entry in entries:
        if entry.customer_id is not None:
            named[entry.customer_id] = min(entry.day, named.get(entry.customer_id, entry.day))
    waiting = _of_everybody(session, entries, today, limit)
    for customer_id, day in named.items():
        waiting[customer_id] = min(day, waiting.get(customer_id, day))
    lives = rescore.lock(session, waiting=waiting, today=today)
    horizon = today - timedelta(days=HISTORY_DAYS - 1)
    long = [life.customer_id for life in lives if life.queued < horizon]
    stored = rescore.first_snapshots(session, customer_ids=long) if long else {}
    tasks = []
    for life in lives:
        earliest = max(life.day_0, min(stored.get(life.customer_id, horizon), horizon))
        first = max(min(life.queued, life.last), earliest)
        tasks.append(Task(life, first, life.customer_id in named))
    return tasks


def _of_everybody(
    session: Session, entries: Sequence[queue.Entry], today: date, limit: int
) -> dict[int, date]:
    """The next customers by id and the day they wait from, if everybody does."""
    everybody = [entry for entry in entries if entry.customer_id is None]
    if not everybody:
        return {}
    longer = [entry for entry in everybody if entry.day < today]
    if len(longer) < len(everybody):
        if longer:  # minutes, with many customers: everybody's current score comes first
            day, after_id = _merged(longer)
            queue.enqueue_everybody(session, day=day, after_id=after_id)
        everybody = [entry for entry in everybody if entry.day >= today]
    day, after_id = _merged(everybody)
    days = min((today - day).days + 1, HISTORY_DAYS)
    size = max(1, limit // max(1, days))
    ids = rescore.next_customers(session, after=after_id, day=day, limit=size)
    if len(ids) == size:
        queue.enqueue_everybody(session, day=day, after_id=ids[-1])
    return dict.fromkeys(ids, day)


def _merged(everybody: Sequence[queue.Entry]) -> tuple[date, int]:
    return min(entry.day for entry in everybody), min(entry.after_id for entry in everybody)


def chunks(tasks: Sequence[Task], size: int, today: date) -> Iterator[list[Task]]:
    """Tasks together until they hold so many days; a customer's days stay together.

    Today alone, the common case, comes apart from longer histories: it is counted otherwise.
    """
    only_today = [task for task in tasks if task.span.first_day == today]
    longer = [task for task in tasks if task.span.first_day != today]
    for alike in (only_today, longer):
        chunk: list[Task] = []
        days = 0
        for task in alike:
            chunk.append(task)
            days += task.days
            if days >= size:
                yield chunk
                chunk, days = [], 0
        if chunk:
            yield chunk
