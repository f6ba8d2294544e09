"""What each role finds behind the login, and that a page older than a role does nothing."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest

from scoring.model import Bands
from services import api_keys, models
from services.clock import utc_now
from services.scoring_models import active_model
from settings import PROJECT_ROOT, get_settings
from tests.app.arrange import add_customer
from tests.app.conftest import OpenPage
from tests.support.actors import TESTER
from tests.support.keys import make_key
from tests.support.signing_in import PEOPLE, login_settings
from ui import identity, page
from ui.imports.jobs import imports
from ui.imports.upload import SPOOL

pytestmark = pytest.mark.app

READ = [page.OVERVIEW, page.CUSTOMERS, page.CUSTOMER, page.SCORING_MODEL, page.VALIDATION]
CHANGE = [page.RECORD_EVENT, page.IMPORT]
ADMIN = [page.API_KEYS, page.AUDIT]
ASK = "Ask whoever runs this dashboard"

SignedIn = Callable[..., AppTest]


@pytest.fixture
def lists(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A dashboard that asks an issuer who somebody is."""
    for name, value in login_settings("https://login.example.com").items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def visit(lists: pytest.MonkeyPatch, open_page: OpenPage) -> SignedIn:
    """Opens a page with what the login's cookie says of somebody; None: there is no cookie."""

    def open_(path: str, claims: dict[str, Any] | None, **query: str) -> AppTest:
        at = AppTest.from_file(str(PROJECT_ROOT / "app.py"), default_timeout=30)
        if claims is not None:
            at.user = {"is_logged_in": True, "iat": int(time.time()), **claims}
        at.run()
        at.switch_page(path)
        for name, value in query.items():
            at.query_params[name] = value
        return at.run()

    return open_


def words(at: AppTest) -> str:
    assert not at.exception
    return " ".join(element.value for element in [*at.markdown, *at.title, *at.caption, *at.error])


@pytest.mark.parametrize(
    "claims",
    [
        None,
        {"email": PEOPLE["admin"], "is_logged_in": False},
        {"email": PEOPLE["admin"], "iat": int(time.time()) - 13 * 3600},
        {"email": PEOPLE["admin"], "iat": None},
    ],
    ids=["no cookie", "signed out", "yesterday's", "undated"],
)
def test_nobody_sees_the_way_in_and_nothing_else(
    visit: SignedIn, session: Session, claims: dict[str, Any] | None
) -> None:
    add_customer(session, "Acme")
    for path in READ + CHANGE + ADMIN:
        at = visit(path, claims, id="1")
        assert [button.key for button in at.button] == ["sign-in"]
        assert [title.value for title in at.title] == ["Customer Health"]
        assert "Acme" not in words(at)
        assert not at.metric
        assert not at.dataframe


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@elsewhere.example"},
        {"email": PEOPLE["admin"], "email_verified": False},
        {"email": PEOPLE["admin"], "email_verified": "false"},
        {},
    ],
    ids=["on no list", "unverified", "unverified in words", "without an e-mail"],
)
def test_who_is_on_no_list_is_told_so(
    visit: SignedIn, session: Session, claims: dict[str, Any]
) -> None:
    add_customer(session, "Acme")
    for path in (page.OVERVIEW, page.API_KEYS):
        at = visit(path, claims)
        assert "has no access to this dashboard" in words(at)
        assert [button.key for button in at.button] == ["sign-out"]
        assert "Acme" not in words(at)


@pytest.mark.parametrize(
    ("role", "opened", "closed"),
    [
        ("viewer", READ, CHANGE + ADMIN),
        ("editor", READ + CHANGE, ADMIN),
        ("admin", READ + CHANGE + ADMIN, []),
    ],
)
def test_a_role_opens_its_pages(
    visit: SignedIn, session: Session, role: str, opened: list[str], closed: list[str]
) -> None:
    customer_id = add_customer(session, "Acme")
    claims = {"email": PEOPLE[role].upper()}
    for path in opened:
        at = visit(path, claims, id=str(customer_id))
        assert at.title, path
        assert ASK not in words(at)
    for path in closed:
        at = visit(path, claims)
        assert ASK in words(at)
        assert not at.title
        assert not at.button
        assert not at.form_submit_button


def test_a_viewer_of_an_empty_database_can_load_nothing(visit: SignedIn) -> None:
    at = visit(page.OVERVIEW, {"email": PEOPLE["viewer"]})
    assert at.title[0].value == "No customers yet"
    assert not at.button
    assert visit(page.OVERVIEW, {"email": PEOPLE["editor"]}).button(key="load-demo")


def demote_the_editor(lists: pytest.MonkeyPatch) -> None:
    lists.setenv("DASHBOARD_EDITORS", "somebody.else@example.com")
    lists.setenv("DASHBOARD_VIEWERS", PEOPLE["editor"])
    get_settings.cache_clear()


def test_a_form_older_than_the_role_records_nothing(
    visit: SignedIn, session: Session, lists: pytest.MonkeyPatch
) -> None:
    customer_id = add_customer(session, "Acme")
    at = visit(page.RECORD_EVENT, {"email": PEOPLE["editor"]}, customer=str(customer_id))
    at.form_submit_button[0].click()
    demote_the_editor(lists)
    assert ASK in words(at.run())
    assert session.connection().execute(text("SELECT count(*) FROM event")).scalar_one() == 0


def test_a_file_older_than_the_role_is_not_imported(
    visit: SignedIn, session: Session, lists: pytest.MonkeyPatch
) -> None:
    at = visit(page.IMPORT, {"email": PEOPLE["editor"]})
    content = b"name,email,segment\nAcme,ops@acme.example,smb\n"
    spool = imports().new_spool(name="file.csv", size=len(content))
    spool.append(0, content)
    at.session_state[SPOOL] = spool
    at.run().button(key="import-start").click()
    demote_the_editor(lists)
    assert ASK in words(at.run())
    assert imports().job is None
    assert session.connection().execute(text("SELECT count(*) FROM customer")).scalar_one() == 0


def test_who_is_no_admin_reads_how_scores_are_made_and_changes_nothing(
    visit: SignedIn, session: Session, lists: pytest.MonkeyPatch
) -> None:
    model, _ = active_model(session)
    stricter = model.model_copy(update={"bands": Bands(healthy=80, at_risk=50)})
    models.publish(session, by=TESTER, model=stricter, reason="stricter", now=utc_now())
    session.commit()
    at = visit(page.SCORING_MODEL, {"email": PEOPLE["editor"]})
    assert "**Standard** version 1 is in force" in words(at)
    assert "75 → 80" in words(at)
    assert not [*at.button, *at.number_input]

    at = visit(page.SCORING_MODEL, {"email": PEOPLE["admin"]})
    at.button(key="use-standard-2").click()
    lists.setenv("DASHBOARD_ADMINS", "somebody.else@example.com")
    lists.setenv("DASHBOARD_VIEWERS", PEOPLE["admin"])
    get_settings.cache_clear()
    at.run()
    assert not [*at.button, *at.number_input]
    session.rollback()
    assert active_model(session)[1] == 1


def test_a_button_older_than_the_role_revokes_no_key(
    visit: SignedIn, engine: Engine, session: Session, lists: pytest.MonkeyPatch
) -> None:
    prefix = make_key(engine, "read").split("_")[1]
    at = visit(page.API_KEYS, {"email": PEOPLE["admin"]})
    at.button(key=f"revoke-{prefix}").click()
    lists.setenv("DASHBOARD_ADMINS", "somebody.else@example.com")
    get_settings.cache_clear()
    assert "has no access" in words(at.run())
    (key,) = api_keys.listed(session)
    assert key.revoked_at is None


@pytest.mark.parametrize(("path", "role"), [(page.AUDIT, "admin"), (page.CUSTOMERS, "viewer")])
def test_a_download_older_than_the_sign_in_hands_nothing_out(
    visit: SignedIn, session: Session, monkeypatch: pytest.MonkeyPatch, path: str, role: str
) -> None:
    add_customer(session, "Acme")
    offered: list[Callable[[], bytes]] = []
    register = MediaFileManager.add_deferred

    def remember(self: MediaFileManager, made: Callable[[], bytes], *a: Any, **named: Any) -> str:
        offered.append(made)
        return register(self, made, *a, **named)

    monkeypatch.setattr(MediaFileManager, "add_deferred", remember)
    visit(path, {"email": PEOPLE[role]})
    with ThreadPoolExecutor(1) as elsewhere:  # as Streamlit does: a thread of nobody's session
        assert elsewhere.submit(offered[-1]).result()
        monkeypatch.setattr(identity, "SIGNED_IN_FOR", timedelta(0))
        with pytest.raises(PermissionError):
            elsewhere.submit(offered[-1]).result()


def test_production_without_a_login_shows_nothing(
    engine: Engine, open_page: OpenPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_customer(session, "Acme")
    monkeypatch.setenv("ENVIRONMENT", "production")
    get_settings.cache_clear()
    at = open_page(page.CUSTOMERS)
    assert "needs a login for the dashboard" in at.code[0].value
    assert "Acme" not in words(at)
