"""The README is true: its REST examples run, its settings and its links exist."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from settings import Settings
from tests.api_server import running_api

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BASE = "http://127.0.0.1:8000"


def curl_commands() -> list[list[str]]:
    """Every curl command of the README's shell blocks, split as a shell would."""
    commands = []
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL):
        words = shlex.split(block.replace("\\\n", " "), comments=True)
        starts = [index for index, word in enumerate(words) if word == "curl"]
        ends = [*starts[1:], len(words)]
        commands += [words[a + 1 : b] for a, b in zip(starts, ends, strict=False)]
    return commands


def run(client: httpx.Client, arguments: list[str]) -> tuple[int, object]:
    """Sends one curl command's request."""
    method, headers, body, url = "GET", {}, None, ""
    words = iter(arguments)
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words)
        else:
            assert word.startswith(BASE), f"unexpected in a curl command: {word}"
            url = word.removeprefix(BASE)
    response = client.request(method, url, headers=headers, content=body)
    return response.status_code, json.loads(response.text)


def test_rest_examples_run_in_the_order_they_stand_in(server_env: dict[str, str]) -> None:
    commands = curl_commands()
    assert len(commands) >= 7
    with running_api(server_env) as url, httpx.Client(base_url=url, timeout=60) as client:
        for arguments in commands:
            status, body = run(client, arguments)
            creates = "-X" in arguments and not arguments[-1].startswith(('{"events"', '{"def'))
            assert status == (201 if creates else 200), (arguments, body)


def test_import_examples_run(server_env: dict[str, str]) -> None:
    commands = re.findall(r"^\.venv/bin/python (import_csv\.py .*)$", README, flags=re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        done = subprocess.run(
            [sys.executable, *shlex.split(command)],
            cwd=ROOT,
            env=server_env,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_configuration_lists_every_setting() -> None:
    section = README.split("## Configuration")[1].split("\n## ")[0]
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", section))
    assert {name.upper() for name in Settings.model_fields} <= named


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
