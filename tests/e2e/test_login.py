"""Signing in with a real browser at a real OIDC provider, and what each role then finds."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import URL, make_url
from sqlmodel import Session

from db.embedded import EmbeddedServer
from db.engine import make_engine
from services import api_keys
from services.clock import utc_now
from services.principal import InvalidCredential
from settings import PROJECT_ROOT
from tests.app.arrange import add_customer
from tests.e2e.conftest import settled
from tests.e2e.dashboard import running_dashboard
from tests.support.databases import environment_on, fresh_database
from tests.support.oidc_issuer import Issuer, running_issuer
from tests.support.ports import free_port
from tests.support.signing_in import PEOPLE, login_settings

pytestmark = pytest.mark.e2e

ADDRESSES = ["/", *(f"/{page.stem}?id=1" for page in (PROJECT_ROOT / "pages").glob("*.py"))]
SECRETS = re.compile(r"the-client's-secret|only-for-the-tests|_streamlit_user|eyJ|chk_")


class Closed(NamedTuple):
    """A dashboard that asks who somebody is, and whom it asks."""

    url: str
    issuer: Issuer
    database: str
    log: Path


@pytest.fixture(scope="module")
def closed(
    database_server: EmbeddedServer,
    template_database: URL,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Closed]:
    """One customer, behind a login."""
    log, port = tmp_path_factory.mktemp("login") / "dashboard.log", free_port()
    with fresh_database(database_server, template_database) as url, running_issuer() as issuer:
        engine = make_engine(make_url(url))
        with Session(engine) as session:
            add_customer(session, "Acme Ltd")
        engine.dispose()
        environment = environment_on(
            url,
            ENVIRONMENT="production",
            LOG_LEVEL="debug",
            DASHBOARD_URL=f"http://127.0.0.1:{port}",
            **login_settings(issuer.address),
        )
        with running_dashboard(environment, log, port=port) as dashboard:
            yield Closed(dashboard, issuer, url, log)


def sign_in(visit: Page, closed: Closed, **claims: object) -> None:
    """From the dashboard to the provider and back."""
    closed.issuer.seat(**{"email_verified": True, **claims})
    visit.goto(closed.url)
    visit.get_by_role("button", name="Sign in").click()
    expect(visit.get_by_role("button", name="Sign in")).to_have_count(0)
    settled(visit)


def offered(visit: Page) -> set[str]:
    """The pages in the navigation on top."""
    links = visit.get_by_test_id("stTopNavLink")
    expect(links.first).to_be_visible()
    return {link.get_by_role("paragraph").inner_text() for link in links.all()}


def test_without_a_sign_in_every_address_shows_the_way_in_and_no_data(
    visit: Page, closed: Closed
) -> None:
    for address in ADDRESSES:
        visit.goto(closed.url + address)
        expect(visit.get_by_role("button", name="Sign in")).to_be_visible()
        settled(visit)
        expect(visit.get_by_role("heading")).to_have_text(["Customer Health"])
        expect(visit.get_by_test_id("stTopNavLink")).to_have_count(0)
        expect(visit.get_by_text("Acme Ltd")).to_have_count(0)


def test_a_viewer_reads_and_signs_out(visit: Page, closed: Closed) -> None:
    sign_in(visit, closed, email="Vi@Viewers.Example")
    expect(visit.get_by_role("heading", name="Overview")).to_be_visible()
    assert {"Overview", "Customers", PEOPLE["viewer"]} <= offered(visit)
    assert not {"Record event", "Import"} & offered(visit)
    expect(visit.get_by_text("Admin", exact=True)).to_have_count(0)
    visit.goto(f"{closed.url}/customer?id=1")
    expect(visit.get_by_role("heading", name="Acme Ltd")).to_be_visible()
    expect(visit.get_by_role("link", name="Record event")).to_have_count(0)
    for address in ("/record-event", "/import", "/api-keys"):
        visit.goto(closed.url + address)
        expect(visit.get_by_text("Ask whoever runs this dashboard")).to_be_visible()
        expect(visit.get_by_test_id("stException")).to_have_count(0)
    visit.get_by_role("link", name=PEOPLE["viewer"]).click()
    expect(visit.get_by_role("heading", name="Account")).to_be_visible()
    visit.get_by_role("button", name="Sign out").click()
    expect(visit.get_by_role("button", name="Sign in")).to_be_visible()
    visit.goto(f"{closed.url}/customers")
    expect(visit.get_by_role("button", name="Sign in")).to_be_visible()
    expect(visit.get_by_text("Acme Ltd")).to_have_count(0)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@elsewhere.example"},
        {"email": PEOPLE["admin"], "email_verified": False},
    ],
    ids=["stranger", "unverified"],
)
def test_who_is_on_no_list_stays_outside(
    visit: Page, closed: Closed, claims: dict[str, object]
) -> None:
    sign_in(visit, closed, **claims)
    visit.goto(f"{closed.url}/customers")
    expect(visit.get_by_text("has no access to this dashboard")).to_be_visible()
    settled(visit)
    expect(visit.get_by_test_id("stTopNavLink")).to_have_count(0)
    expect(visit.get_by_text("Acme Ltd")).to_have_count(0)
    visit.get_by_role("button", name="Use another account").click()
    expect(visit.get_by_role("button", name="Sign in")).to_be_visible()


def test_an_editor_is_offered_what_changes_customers(visit: Page, closed: Closed) -> None:
    sign_in(visit, closed, email=PEOPLE["editor"])
    assert {"Overview", "Record event", "Import", PEOPLE["editor"]} <= offered(visit)
    expect(visit.get_by_text("Admin", exact=True)).to_have_count(0)
    visit.get_by_role("link", name="Record event").click()
    expect(visit.get_by_role("heading", name="Record event")).to_be_visible()
    visit.goto(f"{closed.url}/api-keys")
    expect(visit.get_by_text("This is for admins.")).to_be_visible()


def test_an_admin_makes_a_key_that_is_shown_once_and_revokes_it(
    visit: Page, closed: Closed
) -> None:
    sign_in(visit, closed, email=PEOPLE["admin"])
    expect(visit.get_by_text("Admin", exact=True)).to_be_visible()
    visit.goto(f"{closed.url}/api-keys")
    visit.get_by_label("Name").fill("nightly [import](javascript:alert)")
    visit.get_by_role("button", name="write", exact=True).click()
    visit.get_by_role("button", name="Create key").click()
    key = visit.get_by_role("dialog").get_by_text(re.compile(r"^chk_\w+")).inner_text().strip()
    assert lets_in(closed, key) == {"read", "write"}
    visit.get_by_role("button", name="Done").click()
    expect(visit.get_by_role("dialog")).to_have_count(0)
    row = visit.locator(f".st-key-key-{key.split('_')[1]}")
    expect(row.get_by_role("paragraph").first).to_have_text(re.compile(r"^nightly \[import\]\("))
    expect(row.get_by_role("link")).to_have_count(0)
    expect(visit.get_by_text(key)).to_have_count(0)
    visit.reload()
    settled(visit)
    expect(row).to_be_visible()
    expect(visit.get_by_text(key)).to_have_count(0)
    row.get_by_role("button", name="Revoke").click()
    assert lets_in(closed, key), "asking is not revoking"
    visit.get_by_role("button", name="Revoke key").click()
    expect(visit.get_by_text("Ended keys (1)")).to_be_visible()
    assert not lets_in(closed, key)


def test_nothing_secret_is_in_the_log(closed: Closed) -> None:
    log = closed.log.read_text()
    assert log
    assert not SECRETS.search(log)


def lets_in(closed: Closed, key: str) -> set[str]:
    """The scopes that the REST API would find in this key."""
    presented = api_keys.presented(key)
    assert presented
    engine = make_engine(make_url(closed.database))
    with Session(engine) as session:
        found = api_keys.find(session, prefixes=[presented.prefix])
    engine.dispose()
    try:
        stored = found.get(presented.prefix)
        return set(api_keys.authenticate(presented, stored, now=utc_now()).scopes)
    except InvalidCredential:
        return set()
