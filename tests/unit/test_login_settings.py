"""Which settings make a login, which are refused, and what the login is told."""

from typing import Any

import pytest

from settings import Settings, dashboard_settings, describe, get_settings
from tests.support.signing_in import login_settings
from ui import login

pytestmark = pytest.mark.unit

ISSUER = "https://login.example.com"
LISTED = ("dashboard_admins", "dashboard_editors", "dashboard_viewers")
OIDC = {name.lower(): value for name, value in login_settings(ISSUER).items()}


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DASHBOARD_AUTH", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ENVIRONMENT", "production")
    get_settings.cache_clear()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "none"),
        ({"environment": "production"}, "refused"),
        ({"environment": "production", "dashboard_auth": "none"}, "none"),
        (OIDC, "oidc"),
        (OIDC | {"dashboard_auth": "none"}, "none"),
        ({"dashboard_auth": "proxy", "dashboard_viewers": "@example.com"}, "proxy"),
    ],
)
def test_who_says_who_somebody_is(given: dict[str, str], expected: str) -> None:
    assert settings(**given).dashboard_login == expected


@pytest.mark.usefixtures("production")
def test_production_without_a_login_serves_no_dashboard() -> None:
    assert get_settings().environment == "production", "the API and the migration start"
    with pytest.raises(SystemExit) as refused:
        dashboard_settings()
    said = str(refused.value)
    assert "DASHBOARD_OIDC_METADATA_URL" in said
    assert "DASHBOARD_AUTH=proxy" in said
    assert "DASHBOARD_AUTH=none" in said
    assert "\n" not in said
    get_settings.cache_clear()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"dashboard_oidc_client_secret": None}, "login lacks DASHBOARD_OIDC_CLIENT_SECRET"),
        ({"dashboard_oidc_metadata_url": None}, "login lacks DASHBOARD_OIDC_METADATA_URL"),
        ({"dashboard_oidc_metadata_url": "http://login.example.com/x"}, "with https"),
        ({"dashboard_cookie_secret": "short-and-sweet"}, "shorter than 32 characters"),
        ({"dashboard_admins": "example.com"}, "holds 'example.com'"),
        ({"dashboard_admins": "a@b@example.com"}, "holds 'a@b@example.com'"),
        (dict.fromkeys(LISTED, ""), "nobody"),
    ],
)
def test_half_a_login_is_refused_in_one_line(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match="error") as refused:
        settings(**(OIDC | changed))
    said = describe(refused.value)  # type: ignore[arg-type]
    assert reason in said
    assert "\n" not in said
    assert "short-and-sweet" not in said
    assert OIDC["dashboard_oidc_client_secret"] not in said


def test_a_proxy_without_lists_is_refused() -> None:
    with pytest.raises(ValueError, match="lets nobody in"):
        settings(dashboard_auth="proxy")


def test_lists_are_read_in_lower_case() -> None:
    found = settings(**OIDC | {"dashboard_viewers": " @Example.com, Vi@other.example ,"})
    assert found.dashboard_viewers == ("@example.com", "vi@other.example")


def test_the_login_is_told_what_it_needs_and_nothing_else_shows_it() -> None:
    found = settings(**OIDC | {"dashboard_url": "https://health.example.com/"})
    assert login.secrets(found) == {
        "auth": {
            "redirect_uri": "https://health.example.com/oauth2callback",
            "cookie_secret": OIDC["dashboard_cookie_secret"],
            "client_id": OIDC["dashboard_oidc_client_id"],
            "client_secret": OIDC["dashboard_oidc_client_secret"],
            "server_metadata_url": f"{ISSUER}/.well-known/openid-configuration",
        }
    }
    assert OIDC["dashboard_oidc_client_secret"] not in repr(found)
    assert OIDC["dashboard_cookie_secret"] not in repr(found)
    assert login.secrets(settings()) == {}
