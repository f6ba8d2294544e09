"""`keys.py` as operators call it."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.session import read
from keys import main
from services import api_keys
from services.clock import utc_now
from services.principal import InvalidCredential, Principal
from settings import PROJECT_ROOT

pytestmark = pytest.mark.integration


def keys(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT_ROOT / "keys.py"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)


def principal(key: str) -> Principal:
    presented = api_keys.presented(key)
    assert presented is not None
    with read() as session:
        stored = api_keys.find(session, prefixes=[presented.prefix])
    return api_keys.authenticate(presented, stored.get(presented.prefix), now=utc_now())


def test_a_key_from_creation_to_revocation(server_env: dict[str, str], engine: Engine) -> None:
    made = keys(server_env, "create", "--name", "Nightly import", "--scopes", "write,read")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert made.stdout == f"{key}\n", "nothing but the key, for a shell's variable"
    assert "only this once" in made.stderr
    prefix = key.split("_")[1]
    assert principal(key) == Principal(
        f"Nightly import (chk_{prefix})", frozenset({"read", "write"})
    )
    lasting = keys(server_env, "create", "--name", "b", "--scopes", "admin", "--expires", "90d")
    listed = keys(server_env, "list").stdout
    assert prefix in listed
    assert "read,write" in listed
    assert f"expires {utc_now() + timedelta(days=90):%Y-%m-%d}" in listed
    for secret in (key, lasting.stdout):
        assert secret.strip().split("_", 2)[2] not in listed
    for named in (prefix, key):  # twice: it stays revoked
        revoked = keys(server_env, "revoke", named)
        assert revoked.stdout == f"Revoked: {prefix}  Nightly import\n"
    assert f"revoked {utc_now():%Y-%m-%d}" in keys(server_env, "list").stdout
    with pytest.raises(InvalidCredential, match="revoked"):
        principal(key)
    assert principal(lasting.stdout.strip()).may("write")


def exit_status(arguments: list[str]) -> int | str | None:
    try:
        return main(arguments)
    except SystemExit as refused:
        return refused.code


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (["create", "--name", "a", "--scopes", "read,delete"], 1, "scopes are of read, write"),
        (["create", "--name", "a", "--scopes", ""], 1, "scopes are of"),
        (["create", "--name", " ", "--scopes", "read"], 1, "needs a name"),
        (["create", "--name", "a\nb", "--scopes", "read"], 1, "needs a name"),
        (["create", "--name", "a", "--scopes", "read", "--expires", "0d"], 2, "1d to 3650d"),
        (["create", "--name", "a", "--scopes", "read", "--expires", "soon"], 2, "1d to 3650d"),
        (["revoke", "0123456789ab"], 1, "no API key with this prefix"),
        (["revoke", "chk_leaked"], 1, "no API key with this prefix"),
        ([], 2, "required"),
    ],
)
def test_what_it_cannot_do_is_one_line_and_changes_nothing(
    engine: Engine,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    reason: str,
) -> None:
    assert exit_status(arguments) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert reason in told.err
    assert "leaked" not in told.err
    with read() as session:
        assert api_keys.listed(session) == []


def test_a_database_that_is_away_is_one_line(server_env: dict[str, str]) -> None:
    done = keys(server_env | {"DATABASE_URL": "postgresql://me:s3cret@127.0.0.1:1/x"}, "list")
    assert done.returncode == 1
    assert done.stderr.startswith("keys.py: The database isn't available")
    assert "s3cret" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_image_and_make_have_it() -> None:
    assert " keys.py " in Path(PROJECT_ROOT, "Dockerfile").read_text()
    assert "keys.py" in Path(PROJECT_ROOT, "Makefile").read_text()
