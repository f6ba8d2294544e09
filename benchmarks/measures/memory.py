"""Row "memory": the processes after they have answered everything the bench asks."""

import time

from sqlalchemy import Engine, text

from benchmarks.bench import Bench
from benchmarks.rows import Row, at_most
from benchmarks.servers import Server
from benchmarks.timing import figure
from db.queries import queue
from db.session import write

API, DASHBOARD = 250, 400
SECONDS = 300.0


def rescore_in_process(engine: Engine, bench: Bench) -> None:
    """Let the process that scores score everybody, and wait for it.

    Raises:
        TimeoutError: it doesn't.
    """
    write(lambda session: queue.enqueue_everybody(session, day=bench.today), engine=engine)
    deadline = time.monotonic() + SECONDS
    while waiting(engine):
        if time.monotonic() > deadline:
            raise TimeoutError("the queue doesn't empty")
        time.sleep(0.2)


def waiting(engine: Engine) -> int:
    """Entries of the queue."""
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM rescore_queue")).scalar_one())


def measure(bench: Bench, what: str, limit: int, size: int, server: Server) -> None:
    """Fill in the row of one process."""
    now, peak = server.memory()
    bench.memory[f"{what}, {size:,} customers"] = (now, peak)
    bench.rows.append(
        Row(
            f"memory of the {what}, {size:,} customers",
            f"≤ {limit} MB at 10,000",
            f"{figure(now)} MB, peak {figure(peak)} MB",
            reached=at_most(now, limit),
        )
    )
