"""The page Validation tells what the service says, from the verdict down to each customer."""

from collections.abc import Iterator
from threading import Event, Thread
from urllib.parse import parse_qs

import pytest
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from services import demo
from services.clock import utc_day, utc_now
from services.scoring_models import model_by_name
from services.validation import kept
from services.validation.dates import Question
from services.validation.run import validate
from services.validation.views import Validation
from tests.app.arrange import add_customer
from tests.app.conftest import OpenPage
from tests.support.actors import TESTER
from tests.support.churn import add_leaving_and_staying
from ui import page
from ui.text import plain

pytestmark = pytest.mark.app


def texts(at: AppTest) -> str:
    """What a reader sees, without Markdown's own backslashes."""
    return "\n".join(plain(e.value).replace("\\", "") for e in [*at.markdown, *at.caption])


def said(session: Session, question: Question) -> Validation:
    model, version = model_by_name(session, "standard")
    return validate(session, model=model, version=version, question=question, now=utc_now())


def test_the_story_of_the_demo(session: Session, open_page: OpenPage) -> None:
    demo.load(session, by=TESTER, customers=60, as_of=utc_day(utc_now()), score=False)
    session.commit()
    at = open_page(page.VALIDATION)
    assert not at.exception
    found = said(session, Question())
    assert found.sentence in texts(at)
    metrics = {metric.label: metric.value for metric in at.metric}
    assert metrics["AUC"] == f"{found.score.auc.value:.2f}"
    assert metrics["Customers that left"] == str(found.customers_left)
    assert [head.value for head in at.subheader] == [
        "Does it predict churn?",
        "Better than a simple rule?",
        "If you call 20 customers a month",
        "Do lower scores leave more often?",
        "Do probabilities come true?",
        "How early?",
        "Whom did it miss?",
        "Which factor helps?",
    ]
    assert len(at.get("vega_lite_chart")) >= 5
    links = {plain(link.label): parse_qs(link.proto.query_string) for link in at.page_link}
    assert found.missed
    for one in found.missed[:3]:
        assert links[f"**{one.customer_name}**"] == {"id": [str(one.customer_id)]}

    at.selectbox[1].select(180)
    at.number_input[0].set_value(5)
    at.run()
    assert not at.exception
    other = said(session, Question(horizon=180, capacity=5))
    assert other.sentence in texts(at)
    assert "If you call 5 customers a month" in [head.value for head in at.subheader]


def test_too_little_churn_is_said_with_its_interval(session: Session, open_page: OpenPage) -> None:
    add_leaving_and_staying(session, leaving=3, today=utc_day(utc_now()))
    at = open_page(page.VALIDATION)
    assert not at.exception
    assert "Not enough churn to tell" in texts(at)
    assert "Too few left, on earlier or on later dates, to fit and to judge." in texts(at)


def test_without_a_past_there_is_a_sentence_and_no_chart(
    session: Session, open_page: OpenPage
) -> None:
    add_customer(session)
    at = open_page(page.VALIDATION)
    assert not at.exception
    assert "Nobody left within 90 days" in texts(at)
    assert len(at.get("vega_lite_chart")) == 0


@pytest.fixture
def somebody_else() -> Iterator[None]:
    """Another validation that does not end."""
    inside, done = Event(), Event()

    def work() -> None:
        with kept.alone():
            inside.set()
            done.wait(60)

    other = Thread(target=work)
    other.start()
    assert inside.wait(30)
    yield
    done.set()
    other.join()


@pytest.mark.usefixtures("somebody_else")
def test_who_has_to_wait_too_long_can_try_again(
    session: Session, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PATIENCE", 0.05)
    add_customer(session)
    at = open_page(page.VALIDATION)
    assert not at.exception
    assert "try again in a moment" in at.info[0].value
    assert [button.label for button in at.button] == ["Try again"]
