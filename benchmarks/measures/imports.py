"""The import of a CSV file of events, as `make import` runs it."""

import csv
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measures.event_bodies import Events
from benchmarks.rows import Row, at_least
from benchmarks.timing import figure
from db.engine import dispose_engine
from services.actor import of_command
from services.imports import ImportResult, inspect, run_import
from settings import get_settings

COLUMNS = ("customer_id", "event_type", "timestamp", "event_id", "event_data")


def measure(bench: Bench, rows: int) -> None:
    """Fill in the rows: a new file, and the same file again."""
    file = bench.lab.folder / "events.csv"
    _write(file, Events(list(range(1, bench.main + 1)), bench.now, "import"), rows)
    with _product_on(bench.url(bench.main)):
        first, again = _import(file), _import(file)
    if (first.accepted, again.duplicates) != (rows, rows):
        raise RuntimeError(f"not every row came in, once: {first}, {again}")
    for what, result in (("", first), (", the same file again", again)):
        speed = result.rows / result.seconds
        bench.rows.append(
            Row(
                f"import of {rows:,} events from CSV{what}",
                "≥ 50,000 rows/s",
                f"{figure(speed)} rows/s",
                reached=at_least(speed, 50_000),
            )
        )


@contextmanager
def _product_on(database_url: str) -> Iterator[None]:
    """This process as the product's own command: settings and engine of this database."""
    before = os.environ.get("DATABASE_URL")
    os.environ["DATABASE_URL"] = database_url
    get_settings.cache_clear()
    try:
        yield
    finally:
        dispose_engine()
        del os.environ["DATABASE_URL"]
        if before is not None:
            os.environ["DATABASE_URL"] = before
        get_settings.cache_clear()


def _write(file: Path, events: Events, rows: int) -> None:
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(COLUMNS)
        for _ in range(rows):
            item = events.item()
            item["event_data"] = json.dumps(item["event_data"])
            writer.writerow([item[name] for name in COLUMNS])


def _import(file: Path) -> ImportResult:
    return run_import(
        file,
        by=of_command(),
        kind="events",
        mapping=inspect(file, "events").mapping,
        rejected_path=file.with_suffix(".rejected.csv"),
        progress=lambda _progress: None,
    )
