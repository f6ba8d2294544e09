"""The admin page of API keys: a key is made, shown once, listed and revoked."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from services import api_keys
from services.clock import utc_now
from tests.app.conftest import OpenPage
from tests.support.actors import TESTER
from ui import page
from ui.text import plain

pytestmark = pytest.mark.app


def test_a_key_is_shown_once_and_works(open_page: OpenPage, session: Session) -> None:
    at = open_page(page.API_KEYS)
    assert any("No key is in use" in element.value for element in at.markdown)
    at.text_input[0].set_value("nightly import")
    at.button_group[0].set_value(["read", "write"])
    at.form_submit_button[0].click().run()
    assert not at.exception
    (key,) = [element.value for element in at.code]
    presented = api_keys.presented(key)
    assert presented
    (stored,) = api_keys.listed(session)
    assert stored.expires_at
    assert stored.expires_at - stored.created_at == timedelta(days=90)
    principal = api_keys.authenticate(presented, stored, now=utc_now())
    assert principal.scopes == {"read", "write"}
    at.run()
    assert not at.code, "only this once"
    assert any(presented.prefix in element.value for element in at.caption)


def test_a_name_is_needed(open_page: OpenPage, session: Session) -> None:
    at = open_page(page.API_KEYS)
    at.form_submit_button[0].click().run()
    assert "needs a name" in plain(at.error[0].value)
    assert not api_keys.listed(session)


def test_a_key_is_revoked_once_that_is_confirmed(open_page: OpenPage, session: Session) -> None:
    now = utc_now()
    prefixes = []
    for name in ("<img src=x>", "kept"):
        key = api_keys.create(session, by=TESTER, name=name, scopes=["read"], now=now)
        prefixes.append(key.split("_")[1])
    session.commit()
    at = open_page(page.API_KEYS)
    assert not at.expander
    at.button(key=f"revoke-{prefixes[0]}").click().run()
    assert not at.exception
    session.rollback()
    assert [api_keys.state(key, now=utc_now()) for key in api_keys.listed(session)] == [
        "revoked",
        "active",
    ]
    assert at.expander[0].label == "Ended keys (1)"
    assert {button.key for button in at.button if "revoke-" in str(button.key)} == {
        f"revoke-{prefixes[1]}"
    }
