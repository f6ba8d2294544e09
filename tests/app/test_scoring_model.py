"""The page Scoring model: a draft, what it would do, publishing, and the way back."""

import pytest
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from scoring.model import parse_model
from services import models, scorer
from services.clock import utc_now
from services.model_preview import preview
from services.scoring_models import BUILT_IN_FOLDER, active_model
from tests.app.arrange import worked_example
from tests.app.conftest import OpenPage
from tests.support.actors import TESTER
from ui import page
from ui.charts.outlooks import describe
from ui.text import plain

pytestmark = pytest.mark.app
STANDARD = (BUILT_IN_FOLDER / "standard.toml").read_text(encoding="utf-8")
STRICTER = STANDARD.replace("target = 20", "target = 60")


def field(at: AppTest, *parts: str) -> str:
    """The key of the field whose key ends so, whichever form it is."""
    ending = "-".join(parts)
    keys = [e.key or "" for e in at.number_input]
    return next(key for key in keys if key.endswith(ending))


def stricter(at: AppTest) -> None:
    at.number_input(key=field(at, "login_frequency", "target")).set_value(60.0).run()


def texts(at: AppTest) -> str:
    """What a reader sees, without Markdown's own backslashes."""
    return "\n".join(plain(e.value).replace("\\", "") for e in [*at.markdown, *at.caption])


@pytest.fixture
def at(session: Session, open_page: OpenPage) -> AppTest:
    worked_example(session, "Northwind", arr=28_000)
    while scorer.drain(session, now=utc_now()):
        session.commit()
    return open_page(page.SCORING_MODEL)


def test_the_form_starts_as_the_model_in_force_and_there_is_nothing_to_publish(
    at: AppTest, session: Session
) -> None:
    assert not at.exception
    assert "**Standard** version 1 is in force" in texts(at)
    assert at.number_input(key=field(at, "band", "healthy")).value == 75
    assert at.number_input(key=field(at, "login_frequency", "target")).value == 20
    assert at.button(key="publish-active").disabled
    assert "Nobody would cross a band." in texts(at)
    assert models.drafts(session) == []


def test_a_change_shows_what_it_would_do_and_is_kept(at: AppTest, session: Session) -> None:
    stricter(at)
    assert not at.exception
    told = preview(session, model=parse_model(STRICTER), now=utc_now())
    charts = [chart.proto.alt for chart in at.get("vega_lite_chart")]
    assert describe(told) in charts
    assert "**1 customer would cross a band**, $28k ARR:" in texts(at)
    (draft,) = models.drafts(session)
    assert models.read_model(draft.definition) == parse_model(STRICTER)
    assert active_model(session)[1] == 1


def test_a_draft_of_any_name_is_there_again_until_it_is_taken_back(
    at: AppTest, session: Session, open_page: OpenPage
) -> None:
    area = next(e for e in at.text_area if (e.key or "").startswith("toml-"))
    area.set_value(STRICTER.replace('"standard"', '"ours"')).run()
    at.button(key="use-toml").click().run()
    again = open_page(page.SCORING_MODEL)
    assert again.number_input(key=field(again, "login_frequency", "target")).value == 60
    again.button(key="discard-draft").click().run()
    assert models.drafts(session) == []

    stricter(again)
    session.rollback()
    assert len(models.drafts(session)) == 1
    again.number_input(key=field(again, "login_frequency", "target")).set_value(20.0).run()
    assert again.button(key="publish-active").disabled
    session.rollback()
    assert models.drafts(session) == []


def test_what_is_only_published_waits_and_the_form_is_what_is_in_force(
    at: AppTest, session: Session
) -> None:
    stricter(at)
    reason = next(e for e in at.text_input if "publish-reason" in (e.key or ""))
    reason.set_value("For the autumn")
    at.button(key="publish-only").click().run()
    assert not at.exception
    session.rollback()
    assert (active_model(session)[1], len(models.versions(session, name="standard"))) == (1, 2)
    assert models.drafts(session) == []
    assert at.number_input(key=field(at, "login_frequency", "target")).value == 20
    assert at.button(key="publish-active").disabled


def test_a_form_that_nobody_changed_follows_what_others_put_in_force(
    at: AppTest, session: Session
) -> None:
    model = parse_model(STRICTER)
    models.publish(session, by=TESTER, model=model, reason="x", now=utc_now(), use=True)
    session.commit()
    at.run()
    assert at.number_input(key=field(at, "login_frequency", "target")).value == 60
    assert at.button(key="publish-active").disabled
    assert models.drafts(session) == []


def test_publishing_needs_a_reason_and_going_back_is_one_click(
    at: AppTest, session: Session
) -> None:
    stricter(at)
    at.button(key="publish-active").click().run()
    assert [plain(error.value).replace("\\", "") for error in at.error] == [
        "Say why, in a few words."
    ]
    reason = next(e for e in at.text_input if "publish-reason" in (e.key or ""))
    reason.set_value("Summer is over")
    at.button(key="publish-active").click().run()
    assert not at.exception
    session.rollback()
    model, version = active_model(session)
    assert (model, version) == (parse_model(STRICTER), 2)
    assert models.drafts(session) == []
    assert "Summer is over" in texts(at)
    assert "login frequency target: 20 → 60" in texts(at)
    at.button(key="use-standard-1").click().run()
    session.rollback()
    assert active_model(session)[1] == 1
    assert at.number_input(key=field(at, "login_frequency", "target")).value == 20


def test_weights_that_do_not_add_up_are_told_and_shared_out(at: AppTest) -> None:
    at.number_input(key=field(at, "weight", "login_frequency")).set_value(0.60).run()
    assert "The weights add up to 1.40, not to 1." in texts(at)
    assert "weights sum to 1" in texts(at)
    at.button(key="begin-again").click().run()
    assert "The weights add up to 1." in texts(at)
    at.number_input(key=field(at, "weight", "login_frequency")).set_value(0.60).run()
    share = next(e for e in at.button if (e.key or "").endswith("share"))
    share.click().run()
    assert not at.exception
    assert "The weights add up to 1." in texts(at)
    assert at.number_input(key=field(at, "weight", "login_frequency")).value == 0.43


def test_a_model_comes_in_as_toml(at: AppTest) -> None:
    area = next(e for e in at.text_area if (e.key or "").startswith("toml-"))
    area.set_value("nonsense").run()
    at.button(key="use-toml").click().run()
    assert at.error
    area = next(e for e in at.text_area if (e.key or "").startswith("toml-"))
    area.set_value(STRICTER).run()
    at.button(key="use-toml").click().run()
    assert not at.exception
    assert at.number_input(key=field(at, "login_frequency", "target")).value == 60


def test_an_empty_database_has_a_model_too(session: Session, open_page: OpenPage) -> None:
    at = open_page(page.SCORING_MODEL)
    assert not at.exception
    assert "There is nobody to score yet." in texts(at)
    assert active_model(session)[1] == 1
