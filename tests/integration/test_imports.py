"""Importing files of every kind into a real database."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from services.imports import ImportResult, Kind, inspect, run_import
from tests.support import recount

pytestmark = pytest.mark.integration

CUSTOMERS = """\
external_id,name,email,segment,arr
c-1,"Northwind, Inc.",it@northwind.example,smb,24000
c-2,Contoso,ops@contoso.example,enterprise,
"""
EVENTS = """\
external_id,type,when,user,endpoint,feature,session_seconds
c-1,login,2026-05-04T09:30:00Z,ada,,,60
c-1,api_call,2026-05-04 09:30:00+00,ada,/v1/orders/7,,
c-2,feature_use,2026-05-04T09:30:00Z,,,reports,
c-2,login,yesterday,,,,
c-9,login,2026-05-04T09:30:00Z,,,,
"""


def load(path: Path, content: str, kind: Kind) -> ImportResult:
    """Imports the content under the suggested mapping."""
    path.write_bytes(content.encode())
    seen = inspect(path, kind)
    assert not seen.problems
    rejected = path.with_suffix(".rejected.csv")
    return run_import(path, kind=kind, mapping=seen.mapping, rejected_path=rejected)


def counts(result: ImportResult) -> tuple[int, ...]:
    return result.accepted, result.duplicates, result.updated, result.rejected


def test_customers_then_their_events_and_again(
    engine: Engine, session: Session, tmp_path: Path
) -> None:
    assert counts(load(tmp_path / "c.csv", CUSTOMERS, "customers")) == (2, 0, 0, 0)
    assert counts(load(tmp_path / "c.csv", CUSTOMERS, "customers")) == (0, 2, 0, 0)
    assert counts(load(tmp_path / "e.csv", EVENTS, "events")) == (3, 0, 0, 2)
    again = load(tmp_path / "e.csv", EVENTS, "events")
    assert counts(again) == (0, 3, 0, 2)
    assert again.rejected_path is not None
    assert again.rejected_path.read_text().splitlines()[1:] == [
        "c-2,login,yesterday,,,,,5,timestamp: Input should be an ISO 8601 string with an offset: "
        "2026-05-04T09:30:00Z",
        "c-9,login,2026-05-04T09:30:00Z,,,,,6,There is no customer with the external_id 'c-9'.",
    ]
    stored = session.connection().execute(text("SELECT count(*) FROM event")).scalar_one()
    assert stored == 3
    recount.assert_agrees(session)
