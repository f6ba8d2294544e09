"""Settings: what is normalised, what is refused, and how it is said."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from settings import PROJECT_ROOT, Settings, describe, get_settings

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the defaults, whatever the machine or a `.env` says."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


def _refusal(**environment: object) -> str:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(environment)
    return describe(refused.value)


def test_the_defaults_are_an_embedded_database_with_demo_data() -> None:
    settings = Settings()
    assert settings.embedded
    assert settings.should_seed
    assert settings.data_dir == PROJECT_ROOT / "data"
    assert (settings.api_port, settings.ui_port, settings.seed_customers) == (8000, 8501, 80)
    assert settings.allowed_origins == ("http://127.0.0.1:8501",)
    assert settings.scoring_model == "standard"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_postgresql_url_goes_through_psycopg2(scheme: str) -> None:
    settings = Settings(database_url=f"{scheme}://me:p%40ss@db:5433/health?sslmode=require")
    assert settings.database_url == (
        "postgresql+psycopg2://me:p%40ss@db:5433/health?sslmode=require"
    )
    assert not settings.embedded


def test_a_database_of_ones_own_is_not_seeded_unless_asked() -> None:
    url = "postgresql://db/health"
    assert not Settings(database_url=url).should_seed
    assert Settings(database_url=url, seed_on_start=True).should_seed
    assert not Settings(seed_on_start=False).should_seed


def test_another_database_gets_an_error_that_names_the_embedded_default() -> None:
    said = _refusal(database_url="sqlite:///health.db")
    assert "DATABASE_URL" in said
    assert "'sqlite'" in said
    assert "embedded PostgreSQL under DATA_DIR" in said
    assert "\n" not in said


def test_a_value_that_is_no_url_is_not_repeated() -> None:
    for value in (
        "my secret password",
        "postgresql://me:p@secret:word@db/health",
        "postgresql://me:p@secret@db:5432/health",
    ):
        said = _refusal(database_url=value)
        assert "DATABASE_URL is not a database URL" in said
        assert "secret" not in said


def test_production_refuses_what_is_only_for_a_local_look() -> None:
    assert "SEED_RESET" in _refusal(environment="production", seed_reset=True)
    url = "postgresql://customer_health:customer_health@db/customer_health"
    assert "default password" in _refusal(environment="production", database_url=url)
    assert "API_AUTH=none is refused" in _refusal(environment="production", api_auth="none")
    assert Settings(database_url=url).database_url
    assert Settings(environment="production", database_url="postgresql://a:b@db/x")


def test_an_issuer_is_named_with_its_audience_and_reached_safely() -> None:
    for issuer in ("https://login.example.com/tenant", "http://127.0.0.1:9000", "http://[::1]/"):
        assert Settings(oidc_issuer=issuer, oidc_audience="api").oidc_issuer == issuer
    for issuer in ("http://login.example.com", "login.example.com", "file:///etc", "https://", "x"):
        said = _refusal(oidc_issuer=issuer, oidc_audience="api")
        assert said.startswith("Configuration error: OIDC_ISSUER is not an address with https")
    for half in ({"oidc_issuer": "https://login.example.com"}, {"oidc_audience": "api"}):
        assert "OIDC_ISSUER and OIDC_AUDIENCE go together" in _refusal(**half)


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({}, "beyond loopback"),
        ({"api_host": "::1"}, "beyond loopback"),
        ({"api_host": "localhost"}, "beyond loopback"),
        ({"api_host": "0.0.0.0"}, "always"),
        ({"api_host": "health.internal"}, "always"),
        ({"api_auth": "keys"}, "always"),
        ({"api_auth": "none", "api_host": "0.0.0.0"}, "never"),
        ({"environment": "production"}, "always"),
        ({"environment": "production", "api_auth": "keys"}, "always"),
    ],
)
def test_who_needs_a_key(given: dict[str, str], needed: str) -> None:
    assert Settings.model_validate(given).api_needs_key == needed


def test_browsers_may_call_from_the_dashboard_wherever_its_address_leads() -> None:
    settings = Settings(dashboard_url="https://Health.example.com/customer-health/")
    assert settings.allowed_origins == ("https://health.example.com",)
    assert settings.dashboard_url == "https://Health.example.com/customer-health/"


def test_origins_are_compared_as_browsers_send_them() -> None:
    origins = Settings.model_validate({"cors_origins": "https://a.example/, http://b.example:81"})
    assert origins.allowed_origins == ("https://a.example", "http://b.example:81")
    assert Settings.model_validate({"cors_origins": "*"}).allowed_origins == ("*",)


@pytest.mark.parametrize("name", ["dashboard_url", "cors_origins"])
@pytest.mark.parametrize("value", ["health.example.com", "javascript:alert(1)", "https://", "x"])
def test_what_is_no_web_address_is_refused(name: str, value: str) -> None:
    said = _refusal(**{name: value})
    assert said.startswith(f"Configuration error: {name.upper()} '{value}' is not a web address")


@pytest.mark.parametrize(
    ("name", "value"),
    [("api_port", "70000"), ("ui_port", "x"), ("seed_customers", "0"), ("environment", "test")],
)
def test_every_wrong_value_is_named(name: str, value: str) -> None:
    said = _refusal(**{name: value})
    assert said.startswith(f"Configuration error: {name.upper()} ")
    assert "\n" not in said


def test_a_wrong_value_stops_the_start_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_PORT", "no")
    get_settings.cache_clear()
    with pytest.raises(SystemExit, match="Configuration error: API_PORT"):
        get_settings()
    get_settings.cache_clear()


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", "somewhere")
    monkeypatch.setenv("CORS_ORIGINS", "https://a.example, https://b.example,")
    monkeypatch.setenv("SEED_ON_START", "")
    settings = Settings()
    assert settings.data_dir == tmp_path / "somewhere"
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert settings.should_seed


def test_trusted_proxies_are_networks() -> None:
    settings = Settings.model_validate({"trusted_proxies": " 10.0.0.0/8, fd00::/8,192.0.2.1,"})
    assert [str(network) for network in settings.trusted_proxies] == [
        "10.0.0.0/8",
        "fd00::/8",
        "192.0.2.1/32",
    ]
    assert Settings().trusted_proxies == ()
    for wrong in ("proxy", "10.0.0.1/8", "10.0.0.0/33", "*"):
        assert "TRUSTED_PROXIES is not a list of networks" in _refusal(trusted_proxies=wrong)


def test_rates_are_limited_in_production_only_unless_said() -> None:
    def rates(**given: str) -> tuple[str | None, str | None]:
        settings = Settings.model_validate(given)
        return settings.rate_of_requests, settings.rate_of_failures

    assert rates() == (None, None)
    assert rates(environment="production") == ("6000/minute", "60/minute")
    assert rates(rate_limit="5/second", rate_limit_failed="9/hour") == ("5/second", "9/hour")
    off = {"rate_limit": "off", "rate_limit_failed": "off"}
    assert rates(environment="production", **off) == (None, None)
    for wrong in ("0/minute", "5", "5/fortnight", "-1/minute", "5/minute;6/hour", "fast"):
        assert "RATE_LIMIT is not a rate; expected 6000/minute, or off" in _refusal(
            rate_limit=wrong
        )
