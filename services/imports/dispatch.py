"""Rows dealt into heaps by customer, so that a transaction meets all it can of few customers.

The fuller a heap, the fewer counters a row costs. No two workers ever work on the same heap,
hence on the same customer.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from threading import Event
from typing import NamedTuple

from services.imports.batch import BatchResult
from services.imports.csv_file import Block, Row
from services.imports.storing import pack
from services.imports.workers import Workers

FULL_BYTES = 32 * 1024 * 1024
"""What waits in memory before the fullest heap is given away."""
HEAPS = 48
HEAP_BYTES = 512 * 1024
BATCH = 8_000
"""Rows a transaction, about; whoever meets its locks waits for its end."""
BATCH_BYTES = 4 * 1024 * 1024


class _Part(NamedTuple):
    packed: bytes
    rows: int
    bytes_read: int


class Batch(NamedTuple):
    """Rows for one worker, in the file's order."""

    parts: list[bytes]
    rows: int
    bytes_read: int
    """How much of the file they are."""


class _Heap:
    def __init__(self) -> None:
        self._parts: deque[_Part] = deque()
        self.size = 0

    def add(self, part: _Part) -> None:
        self._parts.append(part)
        self.size += len(part.packed)

    def take(self) -> Batch:
        """What lies there longest."""
        taken: list[bytes] = []
        rows = size = bytes_read = 0
        while self._parts and rows < BATCH and size < BATCH_BYTES:
            part = self._parts.popleft()
            taken.append(part.packed)
            size += len(part.packed)
            rows += part.rows
            bytes_read += part.bytes_read
        self.size -= size
        return Batch(taken, rows, bytes_read)


class Dispatch:
    """Gives each worker a batch of its own customers' rows at a time."""

    def __init__(self, workers: Workers, places: Sequence[int], *, size_bytes: int) -> None:
        """`places` are the columns that name the customer; the first that is filled counts."""
        self._workers = workers
        self._places = places
        heaps = min(HEAPS, max(2 * workers.count, size_bytes // HEAP_BYTES))
        self._heaps = [_Heap() for _ in range(heaps if workers.count > 1 else 1)]
        self._given: dict[int, tuple[_Heap, Batch]] = {}
        self._bytes_done = 0

    def take(self, block: Block) -> Iterator[tuple[Batch, BatchResult]]:
        """Deal a block's rows; what has been stored in the meantime."""
        self._deal(block)
        while self._waiting() >= FULL_BYTES:
            yield from self._stored(wait=not self._give())

    def finish(self, stop: Event) -> Iterator[tuple[Batch, BatchResult]]:
        """What is still being stored and, until told to stop, what hasn't been given yet."""
        while self._given or (self._waiting() and not stop.is_set()):
            given = not stop.is_set() and self._give()
            yield from self._stored(wait=not given)

    def _deal(self, block: Block) -> None:
        dealt: list[tuple[list[Row], list[int]]] = [([], []) for _ in self._heaps]
        count = len(dealt)
        for row, line in zip(block.rows, block.lines, strict=True):
            rows, lines = dealt[hash(self._customer(row)) % count]
            rows.append(row)
            lines.append(line)
        read, self._bytes_done = block.bytes_done - self._bytes_done, block.bytes_done
        for heap, (rows, lines) in zip(self._heaps, dealt, strict=True):
            if rows:
                share = read * len(rows) // len(block.rows)
                heap.add(_Part(pack(rows, lines), len(rows), share))

    def _waiting(self) -> int:
        return sum(heap.size for heap in self._heaps)

    def _customer(self, row: Row) -> str:
        for place in self._places:
            if place < len(row) and row[place]:
                return row[place]
        return ""

    def _give(self) -> bool:
        """Whether an idle worker was given of the fullest heap that nobody works on."""
        busy = [heap for heap, _ in self._given.values()]
        free = [heap for heap in self._heaps if heap.size and heap not in busy]
        idle = self._workers.idle()
        if not free or not idle:
            return False
        heap = max(free, key=lambda heap: heap.size)
        batch = heap.take()
        self._workers.give(idle[0], batch.parts)
        self._given[idle[0]] = heap, batch
        return True

    def _stored(self, *, wait: bool) -> Iterator[tuple[Batch, BatchResult]]:
        for stored in self._workers.finished(wait=wait):
            yield self._given.pop(stored.worker)[1], stored.result
