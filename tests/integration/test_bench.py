"""The bench works, at a size at which it proves nothing else, and what it published agrees."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from benchmarks import readme, report
from benchmarks.__main__ import RESULTS, run
from benchmarks.baselines import plain_tables
from benchmarks.baselines.duckdb_signals import Yardstick
from benchmarks.bench import Bench
from benchmarks.lab import Lab
from benchmarks.measures import dashboard_pages, event_requests, growth, list_pages, reads, rescore
from benchmarks.measures.equality import UnequalError, check_plain, check_signals
from benchmarks.rows import Row, at_least, at_most
from db.embedded import EmbeddedServer
from services.clock import utc_now
from settings import PROJECT_ROOT

pytestmark = pytest.mark.integration

EVERY_ROW = (
    "rescore: signals and scoring",
    "rescore: with every row written",
    "rescore: the same against a loop",
    "growth: rescore a customer, 100,000 against 10,000",
    "single events over HTTP, 8 connections",
    "single events over HTTP, 1 connection",
    "bulk events over HTTP",
    "list page, 10,000 customers",
    "list page, 100,000 customers",
    "list page of 20, 100,000 against 100",
    "list with `q` or count, 100,000",
    "a customer's health, live",
    "a customer's health with 100,000 events",
    "dashboard stats, 10,000",
    "page Overview, 10,000",
    "page Customers, 10,000",
    "page Customer, 10,000",
    "page Record event, 10,000",
    "page Import, 10,000",
    "memory of the API, 10,000",
    "memory of the dashboard, 10,000",
    "import of",
    "demo data",
)
"""SPEC 11 and what the bench adds to it, as the rows begin."""
HASTE = (
    (rescore, "LOOP_CUSTOMERS", 3),
    (list_pages, "REPEATS", 1),
    (list_pages, "FILTERS", ("", "segment=smb")),
    (reads, "REQUESTS", 3),
    (reads, "MANY_EVENTS", 100),
    (event_requests, "REQUESTS", 20),
    (event_requests, "PLAIN_REQUESTS", 20),
    (event_requests, "ALONE", 5),
    (event_requests, "BULK", 50),
    (event_requests, "BODIES", 2),
    (dashboard_pages, "WARM", 1),
    (dashboard_pages, "COLD", 1),
    (dashboard_pages, "VISITORS", 2),
)


@pytest.fixture
def bench(database_server: EmbeddedServer, tmp_path: Path) -> Iterator[Bench]:
    """A hundred customers."""
    found = Bench(Lab(database_server, tmp_path), 100, (100,), utc_now(), lambda _what: None)
    found.load()
    yield found
    found.engines[100].dispose()
    found.lab.administer(f"DROP DATABASE {found.name(100)} WITH (FORCE)")


def test_everything_is_measured_and_reported(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (rescore, growth, list_pages, reads, event_requests):
        monkeypatch.setattr(module, "ROUNDS", 1)
    for module, name, value in HASTE:
        monkeypatch.setattr(module, name, value)

    run(bench, imported=60, demo_customers=3, backfilled=4)

    what = [row.what for row in bench.rows]
    assert len(what) == len(set(what))
    written = report.results(bench, machine="a machine", load="0", versions="all")
    assert all(f"| {name} |" in written for name in [*what, *bench.profile, *bench.growth])
    assert min(min(sizes.values()) for sizes in bench.growth.values()) > 0


def test_a_baseline_that_does_other_work_is_refused(bench: Bench) -> None:
    engine = bench.engines[100]
    yardstick = Yardstick(engine, bench.lab.folder)
    check_signals(engine, yardstick, bench.now)
    plain_tables.copy_from_product(engine, customers=3, now=bench.now)
    check_plain(engine, bench.now)

    _execute(engine, "UPDATE daily_activity SET n = n + 1 WHERE signal = 2")
    with pytest.raises(UnequalError, match="api_calls"):
        check_signals(engine, yardstick, bench.now)
    yardstick.close()

    _execute(engine, "DELETE FROM plain.event WHERE event_type = 'feature_use'")
    with pytest.raises(UnequalError, match="the plain way says"):
        check_plain(engine, bench.now)


def test_what_was_missed_is_said() -> None:
    assert (at_most(5, 5), at_least(5, 5)) == ("yes", "yes")
    assert at_most(12, 10) == "**no: 1.20 × the limit**"
    assert at_least(15_000, 20_000) == "**no: 0.75 of it**"


def test_the_readme_shows_lines_of_the_results(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n")
    readme.update(file, [Row("growth: a customer", "t", "m"), Row("page Overview", "t", "m")])
    assert file.read_text().splitlines()[4] == "| growth: a customer | t | m | – | – | – |"
    assert "page Overview" not in file.read_text()
    assert file.read_text().endswith(f"{readme.END}\nafter\n")


def test_the_published_results_name_every_row_and_the_readme_repeats_them() -> None:
    results = RESULTS.read_text().splitlines()
    for row in EVERY_ROW:
        assert any(line.startswith(f"| {row}") for line in results), f"results.md lacks {row!r}"
    shown = (PROJECT_ROOT / "README.md").read_text().partition(readme.BEGIN)[2]
    lines = shown.partition(readme.END)[0].strip().splitlines()
    assert len(lines) > 5
    assert set(lines) <= set(results)


def _execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))
