"""What a start does with demo data: only into an empty database, only when asked."""

import pytest
from sqlalchemy import Engine, text

from db.session import read
from services.startup import prepare
from settings import Settings

pytestmark = pytest.mark.integration


def _customers() -> list[str]:
    with read() as session:
        return list(session.execute(text("SELECT name FROM customer ORDER BY id")).scalars())


def _settings(database_url: str, **changes: object) -> Settings:
    return Settings.model_validate({"database_url": database_url, "seed_customers": 4, **changes})


def test_seeds_an_empty_database_once_when_asked(engine: Engine, database_url: str) -> None:
    prepare(_settings(database_url, seed_on_start=False))
    assert _customers() == []
    told: list[tuple[float, str]] = []
    asked = _settings(database_url, seed_on_start=True)
    prepare(asked, progress=lambda done, what: told.append((done, what)))
    first = _customers()
    assert len(first) == 4
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == 1.0
    prepare(_settings(database_url, seed_on_start=True, seed_customers=9))
    assert _customers() == first


def test_reset_drops_the_data_first(engine: Engine, database_url: str) -> None:
    prepare(_settings(database_url, seed_on_start=True))
    prepare(_settings(database_url, seed_on_start=True, seed_reset=True, seed_customers=2))
    assert len(_customers()) == 2
    prepare(_settings(database_url, seed_on_start=False, seed_reset=True))
    assert _customers() == []
