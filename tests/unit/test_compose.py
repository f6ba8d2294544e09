"""The container files agree with each other, with the settings and with what they promise."""

import re
from typing import Any

import pytest
import yaml

from settings import DEFAULT_PASSWORD, PROJECT_ROOT, Settings, describe

pytestmark = pytest.mark.unit

COMPOSE = PROJECT_ROOT / "docker-compose.yml"
DEVELOPMENT = PROJECT_ROOT / "docker-compose.dev.yml"


def read(path: Any = COMPOSE) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    return content


def interpolated(value: str, env: dict[str, str]) -> str:
    """The value as compose fills it in: innermost ${NAME:-default} first."""
    inner = re.compile(r"\$\{([A-Z_]+):-([^${}]*)\}")
    while match := inner.search(value):
        filled = env.get(match[1]) or match[2]
        value = value[: match.start()] + filled + value[match.end() :]
    assert "$" not in value
    return value


def settings_of(service: str, **env: str) -> Settings:
    """The settings of a service when the shell or `.env` holds these variables."""
    stated = read()["services"][service]["environment"]
    values: dict[str, Any] = {
        name.lower(): filled for name, value in stated.items()
        if (filled := interpolated(value, env)) and name.lower() in Settings.model_fields
    }  # fmt: skip
    return Settings(_env_file=None, **values)


def dockerfile(stage: str) -> list[str]:
    """The instructions of a stage, continuation lines joined."""
    text = (PROJECT_ROOT / "Dockerfile").read_text().replace("\\\n", "")
    body = re.split(r"^FROM .* AS (\w+)$", text, flags=re.MULTILINE)
    stages = dict(zip(body[1::2], body[2::2], strict=True))
    return [line.strip() for line in stages[stage].splitlines() if line and line[0] != "#"]


def test_the_services_and_no_version_key() -> None:
    compose = read()
    assert set(compose["services"]) == {"db", "migrate", "api", "app", "proxy", "test"}
    assert "version" not in compose
    assert "version" not in read(DEVELOPMENT)


def test_postgresql_18_keeps_its_data_in_a_named_volume() -> None:
    compose = read()
    db = compose["services"]["db"]
    assert db["image"] == "postgres:18"
    volume, folder = db["volumes"][0].split(":")
    assert volume in compose["volumes"]
    assert folder == "/var/lib/postgresql", "where the image of PostgreSQL 18 has its volume"
    assert db["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert "127.0.0.1" in db["healthcheck"]["test"]


def test_nothing_starts_before_what_it_needs() -> None:
    services = read()["services"]
    needs = {
        name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    ready, done = "service_healthy", "service_completed_successfully"
    assert needs["migrate"] == {"db": ready}
    assert needs["api"] == needs["app"] == {"db": ready, "migrate": done}
    assert needs["proxy"] == {"api": ready, "app": ready}
    for name in ("db", "api", "app", "proxy"):
        assert services[name]["healthcheck"]["test"]


def test_only_the_proxy_is_published_and_only_on_loopback() -> None:
    services = read()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    ports = [interpolated(port, {}) for port in services["proxy"]["ports"]]
    assert ports == ["127.0.0.1:8080:8080", "127.0.0.1:8000:8000"]
    for port in read(DEVELOPMENT)["services"]["db"]["ports"]:
        assert port.startswith("127.0.0.1:")


WRITES = {
    "db": ["/tmp", "/var/run/postgresql", "/var/lib/postgresql"],  # noqa: S108
    "migrate": ["/tmp"],  # noqa: S108
    "api": ["/tmp"],  # noqa: S108
    "app": ["/tmp", "/var/tmp"],  # noqa: S108
    "proxy": ["/run", "/var/cache/nginx", "/etc/nginx/conf.d"],
}


def test_nothing_that_runs_can_change_its_image_or_gain_a_right() -> None:
    services = read()["services"]
    assert set(WRITES) == set(services) - {"test"}
    for name, writes in WRITES.items():
        service = services[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "cap_add" not in service
        assert "privileged" not in service
        assert service["security_opt"] == ["no-new-privileges:true"]
        volumes = [volume.split(":") for volume in service.get("volumes", [])]
        kept = [folder for _, folder, *options in volumes if "ro" not in options]
        assert [place.split(":")[0] for place in service.get("tmpfs", [])] + kept == writes


def test_nobody_runs_as_root() -> None:
    services = read()["services"]
    assert (services["db"]["user"], services["proxy"]["user"]) == ("postgres", "nginx")
    for stage in ("runtime", "test"):
        users = [line for line in dockerfile(stage) if line.startswith("USER ")]
        assert users == ["USER app"]
        assert dockerfile(stage).index("USER app") > max(
            number for number, line in enumerate(dockerfile(stage)) if line.startswith("COPY ")
        )
    # What the runtime image holds belongs to root: without a --chown, `app` can't change it.
    assert not [line for line in dockerfile("runtime") if "chown" in line]
    assert any("PYTHONDONTWRITEBYTECODE=1" in line for line in dockerfile("dependencies"))


def test_everything_restarts_but_the_one_shots_and_is_limited() -> None:
    for name, service in read()["services"].items():
        limits = service["deploy"]["resources"]["limits"]
        assert set(limits) == {"cpus", "memory"}
        expected = {"migrate": "no", "test": None}.get(name, "unless-stopped")
        assert service.get("restart") == expected


def test_without_any_variable_it_comes_up_with_demo_data() -> None:
    for service in ("migrate", "api", "app"):
        settings = settings_of(service)
        assert settings.environment == "development"
        assert settings.dashboard_url == "http://127.0.0.1:8080"
        password = read()["services"]["db"]["environment"]["POSTGRES_PASSWORD"]
        assert interpolated(password, {}) == DEFAULT_PASSWORD
        assert f":{DEFAULT_PASSWORD}@db:5432/" in (settings.database_url or "")
    assert settings_of("api").api_needs_key == "never", "for a local look, by name"
    assert settings_of("migrate").should_seed
    assert settings_of("migrate").seed_customers == 80


@pytest.mark.parametrize("service", ["api", "app"])
def test_a_restart_of_api_or_dashboard_never_touches_the_data(service: str) -> None:
    settings = settings_of(service, SEED_RESET="true", SEED_ON_START="true")
    assert not settings.seed_reset
    assert not settings.should_seed


def test_production_refuses_the_default_password_and_a_reset() -> None:
    with pytest.raises(ValueError, match="default password") as refused:
        settings_of("api", ENVIRONMENT="production")
    assert DEFAULT_PASSWORD not in describe(refused.value)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="SEED_RESET is refused"):
        settings_of("migrate", ENVIRONMENT="production", POSTGRES_PASSWORD="x", SEED_RESET="true")
    safe = {"ENVIRONMENT": "production", "POSTGRES_PASSWORD": "Wx-9_kq"}
    with pytest.raises(ValueError, match="API_AUTH=none is refused"):
        settings_of("api", **safe)
    production = settings_of("api", **safe, API_AUTH="keys")
    assert production.api_needs_key == "always"
    assert ":Wx-9_kq@db:5432/" in (production.database_url or "")


def test_a_managed_database_replaces_the_own_one() -> None:
    url = "postgres://me:secret@db.example:5432/health"
    assert "@db.example:5432/health" in (settings_of("api", DATABASE_URL=url).database_url or "")


def test_every_variable_of_compose_and_every_setting_is_in_the_example() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text()
    explained = set(re.findall(r"^# ([A-Z_]+)=", example, flags=re.MULTILINE))
    used = {
        name
        for path in (COMPOSE, DEVELOPMENT)
        for name in re.findall(r"\$\{([A-Z_]+)", path.read_text())
    }
    settings = {name.upper() for name in Settings.model_fields}
    assert explained == used | settings


def test_the_example_changes_nothing_when_copied_as_it_is() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text()
    assert all(line.startswith("#") or not line for line in example.splitlines())


def test_the_image_is_slim_compiles_nothing_and_is_not_root() -> None:
    first = dockerfile("dependencies")
    text = (PROJECT_ROOT / "Dockerfile").read_text()
    assert re.search(r"^FROM python:3\.1\d-slim AS dependencies$", text, flags=re.MULTILINE)
    for stage in ("dependencies", "runtime"):
        assert not re.search(r"apt-get|gcc|build-essential", " ".join(dockerfile(stage)))
    copies = [line.startswith("COPY") for line in first]
    pip = next(i for i, line in enumerate(first) if "pip install" in line)
    assert [line for line, copy in zip(first[:pip], copies[:pip], strict=True) if copy] == [
        "COPY requirements-otel.lock ./"
    ], "the dependencies' layer must not depend on the sources"
    for stage in ("test", "runtime"):
        assert "USER app" in dockerfile(stage)
    check = next(line for line in dockerfile("runtime") if line.startswith("HEALTHCHECK"))
    assert 'CMD ["python", "deploy/healthcheck.py"' in check


def test_no_secret_and_no_data_enters_the_image() -> None:
    ignored = (PROJECT_ROOT / ".dockerignore").read_text().split("\n")
    assert {".env", "data", ".git", ".venv", "**/__pycache__"} <= set(ignored)


def test_the_proxy_gets_every_value_its_template_asks_for() -> None:
    template = (PROJECT_ROOT / "deploy" / "nginx.conf").read_text()
    asked = set(re.findall(r"\$\{([A-Z_]+)\}", template))
    proxy = read()["services"]["proxy"]
    assert asked == set(proxy["environment"])
    assert proxy["environment"]["DNS_RESOLVER"] == "127.0.0.11"
    assert proxy["volumes"] == ["./deploy/nginx.conf:/etc/nginx/templates/default.conf.template:ro"]
    for name in ("API_UPSTREAM", "DASHBOARD_UPSTREAM"):
        service, port = proxy["environment"][name].split(":")
        assert port in read()["services"][service]["expose"]


def test_development_mounts_the_sources_and_reloads() -> None:
    services = read(DEVELOPMENT)["services"]
    assert set(services) <= set(read()["services"])
    for name in ("migrate", "api", "app"):
        assert ".:/app:ro" in services[name]["volumes"]
    assert "--reload" in services["api"]["command"]
    assert "--server.runOnSave=true" in services["app"]["command"]


def test_the_suite_runs_in_its_own_image_only_when_asked() -> None:
    test = read()["services"]["test"]
    assert test["profiles"] == ["test"]
    assert test["build"]["target"] == "test"
    assert 'CMD ["python", "-m", "pytest", "-m", "not e2e", "-n", "2"]' in dockerfile("test")
    assert test["network_mode"] == "none", "it brings its own database"
    assert not {"command", "depends_on", "environment"} & set(test)


def test_each_image_is_built_by_one_service() -> None:
    services = read()["services"].values()
    built = sorted(service["image"] for service in services if "build" in service)
    assert built == ["customer-health", "customer-health-test"]
    used = {service["image"] for service in services if service["image"].startswith("customer-")}
    assert used == set(built)
