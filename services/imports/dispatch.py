"""Rows dealt to workers by customer, so that no two of them ever work on the same one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.imports.batch import BatchResult
from services.imports.csv_file import Block, Row
from services.imports.workers import Workers

BATCH = 4_000
"""Rows a transaction, at least (but the last); up to twice as many while workers are busy."""


@dataclass(slots=True)
class Batch:
    """Rows for one worker, in the file's order, and how far into the file they reach."""

    rows: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    bytes_done: int = 0


class Dispatch:
    """Gives each worker a batch of its own customers' rows at a time."""

    def __init__(self, workers: Workers, places: Sequence[int]) -> None:
        """`places` are the columns that name the customer; the first that is filled counts."""
        self._workers = workers
        self._places = places
        self._waiting = [Batch() for _ in range(workers.count)]
        self._given: dict[int, Batch] = {}

    def take(self, block: Block) -> Iterator[tuple[Batch, BatchResult]]:
        """Deal a block's rows; what has been stored in the meantime."""
        self._deal(block)
        yield from self._stored(wait=False)
        self._give(at_least=BATCH)  # whoever has that much left is busy
        while any(len(batch.rows) >= 2 * BATCH for batch in self._waiting):
            yield from self._stored(wait=True)
            self._give(at_least=BATCH)

    def finish(self, *, cancelled: bool) -> Iterator[tuple[Batch, BatchResult]]:
        """What is still being stored and, unless cancelled, what hasn't been given yet."""
        while True:
            if not cancelled:
                self._give(at_least=1)
            if not self._given:
                return
            yield from self._stored(wait=True)

    def _deal(self, block: Block) -> None:
        waiting, count = self._waiting, len(self._waiting)
        for row, line in zip(block.rows, block.lines, strict=True):
            batch = waiting[hash(self._customer(row)) % count] if count > 1 else waiting[0]
            batch.rows.append(row)
            batch.lines.append(line)
        for batch in waiting:
            batch.bytes_done = block.bytes_done

    def _customer(self, row: Row) -> str:
        return next((row[place] for place in self._places if place < len(row) and row[place]), "")

    def _give(self, *, at_least: int) -> None:
        for worker, batch in enumerate(self._waiting):
            if worker not in self._given and len(batch.rows) >= at_least:
                self._workers.give(worker, batch.rows)
                self._given[worker] = batch
                self._waiting[worker] = Batch()

    def _stored(self, *, wait: bool) -> Iterator[tuple[Batch, BatchResult]]:
        for stored in self._workers.finished(wait=wait):
            yield self._given.pop(stored.worker), stored.result
