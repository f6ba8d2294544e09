"""Every setting of the product, in one typed place (environment variables or `.env`)."""

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PROJECT_ROOT = Path(__file__).resolve().parent
DEFAULT_PASSWORD = "customer_health"  # noqa: S105 - the local look's password, refused in production
_RATE = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)|off", re.ASCII)

NOT_A_DATABASE = (
    "is not a database URL; expected postgresql://user:password@host:5432/name, "
    "with @ : / % in the password written as %40 %3A %2F %25"
)

NO_LOGIN = (
    "Configuration error: ENVIRONMENT=production needs a login for the dashboard: set "
    "DASHBOARD_OIDC_METADATA_URL and what goes with it, or DASHBOARD_AUTH=proxy behind a proxy "
    "that signs people in, or DASHBOARD_AUTH=none where everybody who reaches it may do anything"
)
COOKIE_SECRET_LENGTH = 32

Port = Annotated[int, Field(ge=1, le=65535)]
Listed = Annotated[tuple[str, ...], NoDecode]
"""Values separated by commas."""


class Settings(BaseSettings):
    """Read once at the start; a wrong value stops it with one readable line."""

    model_config = SettingsConfigDict(
        env_file=PROJECT_ROOT / ".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: str | None = None
    data_dir: Path = PROJECT_ROOT / "data"
    environment: Literal["development", "production"] = "development"
    api_host: str = "127.0.0.1"
    api_port: Port = 8000
    rate_limit: str | None = None
    rate_limit_failed: str | None = None
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    api_auth: Literal["keys", "none"] | None = None
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    ui_port: Port = 8501
    dashboard_url: str = "http://127.0.0.1:8501"
    dashboard_auth: Literal["oidc", "proxy", "none"] | None = None
    dashboard_oidc_metadata_url: str | None = None
    dashboard_oidc_client_id: str | None = None
    dashboard_oidc_client_secret: SecretStr | None = None
    dashboard_cookie_secret: SecretStr | None = None
    dashboard_admins: Listed = ()
    dashboard_editors: Listed = ()
    dashboard_viewers: Listed = ()
    seed_on_start: bool | None = None
    seed_customers: Annotated[int, Field(ge=1, le=100_000)] = 80
    seed_reset: bool = False
    cors_origins: Listed = ()
    scoring_model: str = "standard"
    retention_days: Annotated[int, Field(ge=30, le=36_500)] | None = None
    log_level: Literal["debug", "info", "warning", "error"] | None = None
    log_format: Literal["json", "text"] | None = None

    @field_validator("database_url")
    @classmethod
    def _postgresql_through_psycopg2(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):  # the latter quotes what stands for the port
            raise ValueError(NOT_A_DATABASE) from None
        if "@" in (url.host or ""):  # what follows the @ of a password would be logged as a host
            raise ValueError(NOT_A_DATABASE)
        if url.get_backend_name() not in {"postgres", "postgresql"}:
            raise ValueError(
                f"starts with '{url.drivername}', but only PostgreSQL is supported; "
                "leave DATABASE_URL unset to use the embedded PostgreSQL under DATA_DIR"
            )
        return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _in_any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("rate_limit", "rate_limit_failed")
    @classmethod
    def _rate(cls, value: str | None) -> str | None:
        if value is not None and _RATE.fullmatch(value) is None:
            raise ValueError("is not a rate; expected 6000/minute, or off")
        return value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        except ValueError:
            raise ValueError("is not a list of networks; expected 10.0.0.0/8,fd00::/8") from None

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator(
        "cors_origins", "dashboard_admins", "dashboard_editors", "dashboard_viewers", mode="before"
    )
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("dashboard_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        _origin(value)
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(part if part == "*" else _origin(part) for part in value)

    @field_validator("dashboard_admins", "dashboard_editors", "dashboard_viewers")
    @classmethod
    def _people(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            _name, at, domain = part.rpartition("@")
            if not (at and domain and part.isascii()) or part.count("@") > 1 or " " in part:
                raise ValueError(f"holds '{part}'; expected ada@example.com or @example.com")
        return tuple(part.lower() for part in value)

    @field_validator("dashboard_cookie_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < COOKIE_SECRET_LENGTH:
            raise ValueError(f"is shorter than {COOKIE_SECRET_LENGTH} characters")
        return value

    @field_validator("oidc_issuer", "dashboard_oidc_metadata_url")
    @classmethod
    def _issuer_can_be_trusted(cls, value: str | None) -> str | None:
        if value is not None and not is_protected(value):
            raise ValueError("is not an address with https; expected https://login.example.com")
        return value

    @model_validator(mode="after")
    def _issuer_has_an_audience(self) -> Self:
        if (self.oidc_issuer is None) is not (self.oidc_audience is None):
            raise ValueError("OIDC_ISSUER and OIDC_AUDIENCE go together: set both or neither")
        return self

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        needed = {
            name.upper(): getattr(self, name)
            for name in (
                "dashboard_oidc_metadata_url",
                "dashboard_oidc_client_id",
                "dashboard_oidc_client_secret",
                "dashboard_cookie_secret",
            )
        }
        missing = [name for name, value in needed.items() if value is None]
        if self.dashboard_login == "oidc" and missing:
            raise ValueError(f"the dashboard's login lacks {', '.join(missing)}")
        people = self.dashboard_admins + self.dashboard_editors + self.dashboard_viewers
        if self.dashboard_login in {"oidc", "proxy"} and not people:
            raise ValueError(
                "the dashboard's login lets nobody in: name e-mails or @domains in "
                "DASHBOARD_ADMINS, DASHBOARD_EDITORS or DASHBOARD_VIEWERS"
            )
        return self

    @model_validator(mode="after")
    def _production_is_safe(self) -> Self:
        if self.environment != "production":
            return self
        if self.seed_reset:
            raise ValueError("SEED_RESET is refused in production: it would drop the data")
        if self.database_url and make_url(self.database_url).password == DEFAULT_PASSWORD:
            raise ValueError("DATABASE_URL holds the default password, refused in production")
        if self.api_auth == "none":
            raise ValueError("API_AUTH=none is refused in production: set it to keys")
        return self

    @property
    def embedded(self) -> bool:
        """Whether the product starts its own PostgreSQL."""
        return self.database_url is None

    @property
    def should_seed(self) -> bool:
        """Whether an empty database gets demo data at the start."""
        return self.embedded if self.seed_on_start is None else self.seed_on_start

    @property
    def api_needs_key(self) -> Literal["always", "never", "beyond loopback"]:
        """Which calls of the API need a key or a token; those of `/health` never do."""
        if self.api_auth == "none":
            return "never"
        if self.environment == "production" or self.api_auth == "keys":
            return "always"
        return "beyond loopback" if is_loopback(self.api_host) else "always"

    @property
    def dashboard_login(self) -> Literal["oidc", "proxy", "none", "refused"]:
        """Who says who uses the dashboard; `refused`: production, and nothing says it."""
        if self.dashboard_auth is not None:
            return self.dashboard_auth
        if self.dashboard_oidc_metadata_url or self.dashboard_oidc_client_id:
            return "oidc"
        return "refused" if self.environment == "production" else "none"

    @property
    def rate_of_requests(self) -> str | None:
        """How many requests a key or token may bring to one process; None for any number."""
        return self._rate_or(self.rate_limit, "6000/minute")

    @property
    def rate_of_failures(self) -> str | None:
        """How many calls without a valid key may come from one network address."""
        return self._rate_or(self.rate_limit_failed, "60/minute")

    def _rate_or(self, given: str | None, in_production: str) -> str | None:
        if given is not None:
            return None if given == "off" else given
        return in_production if self.environment == "production" else None

    @property
    def log_threshold(self) -> str:
        """From which level on records are told; `info` has a line a request."""
        return self.log_level or ("info" if self.environment == "production" else "warning")

    @property
    def logs_json(self) -> bool:
        """Whether a record is a JSON object, or a line for a person."""
        return (
            self.log_format or ("json" if self.environment == "production" else "text")
        ) == "json"

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Browsers' origins that may call the API."""
        return self.cors_origins or (_origin(self.dashboard_url),)


def is_protected(address: str) -> bool:
    """Whether nobody on the way can change what the web address answers."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(address: str) -> str:
    """What a browser calls the origin of a web address: no path, no slash at the end."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"'{address}' is not a web address; expected https://health.example.com")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def describe(error: ValidationError) -> str:
    """One readable line for settings that don't validate, without their (maybe secret) values."""
    parts = []
    for problem in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in problem["loc"]).upper()
        message = problem["msg"].removeprefix("Value error, ")
        parts.append(f"{name} {message}" if name else message)
    return "Configuration error: " + "; ".join(parts)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings.

    Raises:
        SystemExit: with one readable line when a value is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SystemExit(describe(error)) from None


def dashboard_settings() -> Settings:
    """The settings of a process that serves the dashboard.

    Raises:
        SystemExit: as for every process, and in production without a login.
    """
    settings = get_settings()
    if settings.dashboard_login == "refused":
        raise SystemExit(NO_LOGIN)
    return settings
