"""Publishing scoring models: immutable versions, one of them active."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from db.queries import scoring_models as queries
from scoring.model import Bands
from services import models
from services.errors import UnknownModel
from services.scoring_models import (
    BUILT_IN_FOLDER,
    ScoringModelError,
    active_model,
    built_in_models,
    model_by_name,
    model_on,
    models_between,
    publish_at_start,
)
from tests.support.actors import TESTER

pytestmark = pytest.mark.integration
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STANDARD = (BUILT_IN_FOLDER / "standard.toml").read_text(encoding="utf-8")


def versions(session: Session) -> list[tuple[str, int, bool]]:
    rows = session.connection().execute(
        text("SELECT name, version, active FROM scoring_model ORDER BY name, version")
    )
    return [tuple(row) for row in rows]


def definition(session: Session, version: int) -> str:
    statement = text("SELECT definition::text FROM scoring_model WHERE (name, version) = (:n, :v)")
    values = {"n": "standard", "v": version}
    return str(session.connection().execute(statement, values).scalar_one())


def waiting(session: Session) -> int:
    count = text("SELECT count(*) FROM rescore_queue")
    return int(session.connection().execute(count).scalar_one())


def own_model(folder: Path, **changes: str) -> str:
    content = STANDARD
    for old, new in changes.items():
        assert old in content
        content = content.replace(old, new)
    path = folder / "own model.toml"
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_the_first_start_publishes_every_built_in_model_and_activates_the_chosen(
    session: Session,
) -> None:
    assert versions(session) == [("momentum", 1, False), ("standard", 1, True)]
    assert active_model(session) == (built_in_models()["standard"], 1)
    assert model_by_name(session, "momentum") == (built_in_models()["momentum"], 1)
    assert waiting(session) == 0


def test_another_start_changes_nothing(session: Session) -> None:
    for chosen in ("standard", "momentum"):
        publish_at_start(session, by=TESTER, now=NOW, configured=chosen)
    assert versions(session) == [("momentum", 1, False), ("standard", 1, True)]
    assert waiting(session) == 0


def test_the_configured_model_is_the_first_active_one(session: Session, tmp_path: Path) -> None:
    session.connection().execute(text("DELETE FROM scoring_model"))
    path = own_model(tmp_path, **{'"standard"': '"ours"'})
    publish_at_start(session, by=TESTER, now=NOW, configured=path)
    assert versions(session) == [
        ("momentum", 1, False),
        ("ours", 1, True),
        ("standard", 1, False),
    ]


def test_another_text_is_the_next_version_and_rescores_everybody(
    session: Session, tmp_path: Path
) -> None:
    before = definition(session, 1)
    path = own_model(tmp_path, **{"target = 20": "target = 25"})
    publish_at_start(session, by=TESTER, now=NOW, configured=path)
    assert versions(session)[1:] == [("standard", 1, False), ("standard", 2, True)]
    assert definition(session, 1) == before
    after, version = active_model(session)
    assert (after.params("login_frequency").target, version) == (25, 2)
    assert waiting(session) == 1
    publish_at_start(session, by=TESTER, now=NOW, configured=path)
    assert len(versions(session)) == 3


def test_a_start_leaves_what_somebody_has_published_in_force(
    session: Session, tmp_path: Path
) -> None:
    model = built_in_models()["standard"]
    stricter = model.model_copy(update={"bands": Bands(healthy=80, at_risk=50)})
    models.publish(session, by=TESTER, model=stricter, reason="stricter", now=NOW, use=True)
    for configured in ("standard", "momentum"):
        publish_at_start(session, by=TESTER, now=NOW, configured=configured)
    assert active_model(session) == (stricter, 2)
    assert len(versions(session)) == 3
    path = own_model(tmp_path, **{"healthy = 75": "healthy = 80"})  # taken from the page
    publish_at_start(session, by=TESTER, now=NOW, configured=path)
    assert len(versions(session)) == 3
    path = own_model(tmp_path, **{"target = 20": "target = 25"})  # offered, not put in force
    for _ in range(2):
        publish_at_start(session, by=TESTER, now=NOW, configured=path)
    assert versions(session)[2:] == [("standard", 2, True), ("standard", 3, False)]


def test_each_day_knows_the_model_that_was_in_force_at_its_end(session: Session) -> None:
    def activate(name: str, at: datetime) -> None:
        queries.activate(session, name=name, version=1, actor="a", reason="", now=at)

    def in_force(*days: int) -> list[str]:
        found = (model_on(session, date(2026, 2, day), NOW) for day in days)
        return [model.name for model, _ in found]

    session.connection().execute(text("UPDATE model_activation SET at = '2026-02-10 12:00Z'"))
    activate("momentum", datetime(2026, 2, 12, 23, 59, tzinfo=UTC))
    activate("standard", datetime(2026, 2, 14, 1, tzinfo=UTC))
    activate("momentum", datetime(2026, 2, 14, 2, tzinfo=UTC))
    activate("standard", datetime(2026, 2, 16, 0, tzinfo=UTC))
    activate("momentum", datetime(2026, 2, 1, tzinfo=UTC))  # a clock that goes wrong
    assert in_force(1, 10, 11) == ["standard"] * 3  # the first one, before it as well
    assert in_force(12, 13, 14, 15) == ["momentum"] * 4
    assert in_force(16, 17) == ["momentum"] * 2  # the last of its day
    assert model_on(session, NOW.date(), NOW) == active_model(session)
    spans = {
        (9, 13): [(9, "standard"), (12, "momentum")],
        (13, 20): [(13, "momentum")],
        (1, 9): [(1, "standard")],
    }
    for (first, last), expected in spans.items():
        found = models_between(session, date(2026, 2, first), date(2026, 2, last))
        assert [(day.day, model.name) for day, model, _ in found] == expected


def test_a_new_model_waits_until_somebody_activates_it(session: Session, tmp_path: Path) -> None:
    path = own_model(tmp_path, **{'"standard"': '"ours"'})
    publish_at_start(session, by=TESTER, now=NOW, configured=path)
    assert versions(session)[1:] == [("ours", 1, False), ("standard", 1, True)]
    assert waiting(session) == 0


def test_a_wrong_model_is_one_readable_line(session: Session, tmp_path: Path) -> None:
    wrong = {
        "standrad": "neither a built-in scoring model (momentum, standard) nor a TOML file",
        own_model(tmp_path, **{"target = 20": "target = -1"}): "factors.login_frequency.target",
    }
    for value, expected in wrong.items():
        with pytest.raises(ScoringModelError) as caught:
            publish_at_start(session, by=TESTER, now=NOW, configured=value)
        assert expected in str(caught.value)
        assert "\n" not in str(caught.value)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScoringModelError, match=r"bytes\.toml"):
        publish_at_start(session, by=TESTER, now=NOW, configured=str(tmp_path / "bytes.toml"))
    assert len(versions(session)) == 2


def test_unknown_models_are_refused(session: Session) -> None:
    with pytest.raises(UnknownModel):
        model_by_name(session, "nothing")
    session.connection().execute(text("DELETE FROM scoring_model"))
    session.connection().execute(text("DELETE FROM model_activation"))
    for ask in (active_model, lambda asked: model_on(asked, date(2026, 1, 1), NOW)):
        with pytest.raises(LookupError, match="no scoring model is active"):
            ask(session)
