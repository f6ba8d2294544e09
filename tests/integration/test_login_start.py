"""A dashboard's process in production: not without a login, and behind a proxy that signs in."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from settings import NO_LOGIN, PROJECT_ROOT
from tests.e2e.dashboard import running_dashboard
from tests.support.ports import free_port
from tests.support.signing_in import LISTS, PEOPLE
from ui.identity import HEADER

pytestmark = pytest.mark.integration

SECONDS = 60
CONTAINER = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())["services"]["app"]
STARTS = {
    "make run": ["run.py"],
    "streamlit run": ["-m", "streamlit", "run", "app.py", "--server.address=127.0.0.1"],
    "container": ["-m", *CONTAINER["command"]],
}


@pytest.mark.parametrize("command", STARTS.values(), ids=STARTS.keys())
def test_production_without_a_login_ends_with_one_line(
    tmp_path: Path, command: Sequence[str]
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"ENVIRONMENT": "production", "DATA_DIR": str(tmp_path / "data")}
    environment |= {"UI_PORT": str(free_port()), "API_PORT": str(free_port())}
    environment |= {"STREAMLIT_SERVER_PORT": str(free_port())}
    command = [word for word in command if not word.startswith("--server.port")]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 1
    assert done.stderr == f"{NO_LOGIN}\n"
    assert not (tmp_path / "data").exists()


def test_a_proxy_says_who_somebody_is(server_env: dict[str, str], tmp_path: Path) -> None:
    environment = server_env | {"ENVIRONMENT": "production", "DASHBOARD_AUTH": "proxy"} | LISTS
    with running_dashboard(environment, tmp_path / "log") as url:
        viewer = seen(url, [(HEADER, PEOPLE["viewer"])])
        assert "No customers yet" in viewer
        assert "Load demo data" not in viewer
        assert "Load demo data" in seen(url, [(HEADER, f" {PEOPLE['editor'].upper()} ")])
        assert "has no access" in seen(url, [(HEADER, "eve@elsewhere.example")])
        nobody = "The proxy in front of this dashboard didn't say who you are."
        for headers in (
            [],
            [(HEADER, "")],
            [(HEADER, PEOPLE["admin"]), (HEADER, PEOPLE["viewer"])],
            [("X-Forwarded-User", PEOPLE["admin"]), ("X_Forwarded_Email", PEOPLE["admin"])],
        ):
            told = seen(url, headers)
            assert nobody in told, headers
            assert "No customers yet" not in told


def seen(url: str, headers: Sequence[tuple[str, str]]) -> str:
    """All that the dashboard draws for a session whose handshake has these headers."""
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    rerun = BackMsg()
    rerun.rerun_script.query_string = ""
    told = []
    with connect(
        address,
        subprotocols=[Subprotocol("streamlit")],
        additional_headers=list(headers),
        open_timeout=SECONDS,
        max_size=None,
    ) as socket:
        socket.send(rerun.SerializeToString())
        message = ForwardMsg()
        while message.WhichOneof("type") != "script_finished":
            message.ParseFromString(bytes(socket.recv(timeout=SECONDS, decode=False)))
            told.append(str(message).replace("\\'", "'"))
    return "".join(told)
