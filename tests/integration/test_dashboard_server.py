"""What the dashboard's server grants pages of other sites: nothing."""

import re
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from settings import PROJECT_ROOT
from tests.e2e.dashboard import running_dashboard
from tests.support.databases import environment_on

pytestmark = pytest.mark.integration

FOREIGN = "http://evil.example"
UPLOAD = "/_stcore/upload_file/session/file"
NOWHERE = "postgresql://nobody:no-secret@127.0.0.1:1/nothing"


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """It needs no database for any of this."""
    log = tmp_path_factory.mktemp("dashboard") / "log"
    environment = environment_on(NOWHERE, LOG_LEVEL="info")
    with running_dashboard(environment, log) as url, httpx.Client(base_url=url) as client:
        yield client
    assert "no-secret" not in log.read_text(encoding="utf-8")


def test_only_its_own_pages_open_a_session(dashboard: httpx.Client) -> None:
    own = str(dashboard.base_url).rstrip("/")
    stream = f"{own.replace('http', 'ws')}/_stcore/stream"
    opened = False
    with suppress(ConnectionClosed), connect(stream, origin=Origin(own)):
        opened = True
    assert opened
    for origin in (FOREIGN, "null", "http://127.0.0.1.evil.example"):
        with pytest.raises(InvalidStatus) as refused, connect(stream, origin=Origin(origin)):
            pass
        assert refused.value.response.status_code == 403


def test_a_message_of_a_giant_ends_the_session_and_not_the_server(dashboard: httpx.Client) -> None:
    stream = f"{str(dashboard.base_url).replace('http', 'ws').rstrip('/')}/_stcore/stream"
    with pytest.raises(ConnectionClosed):
        send_and_listen(stream, b"\0" * (17 * 1024 * 1024))
    assert dashboard.get("/_stcore/health").text == "ok"


def send_and_listen(stream: str, message: bytes) -> None:
    with connect(stream) as socket:
        socket.send(message)
        while True:
            socket.recv(timeout=30)


def test_an_upload_needs_the_token_that_only_its_own_pages_know(dashboard: httpx.Client) -> None:
    cookie = dashboard.get("/_stcore/health").headers["set-cookie"]
    assert cookie.startswith("_streamlit_xsrf=")
    assert "SameSite=Lax" in cookie
    file = {"file": ("x.csv", b"a,b")}
    assert dashboard.put(UPLOAD, files=file).status_code == 403, "the cookie alone"
    wrong = {"X-Xsrftoken": "2|0|0|0"}
    assert dashboard.put(UPLOAD, files=file, headers=wrong).status_code == 403
    assert dashboard.delete(UPLOAD).status_code == 403


def test_no_answer_may_be_read_by_another_site(dashboard: httpx.Client) -> None:
    for path in ("/", "/_stcore/health", "/_stcore/host-config", "/customers", "/media/x"):
        answer = dashboard.get(path, headers={"Origin": FOREIGN})
        assert "access-control-allow-origin" not in answer.headers, path
    assert dashboard.get("/_stcore/host-config").json()["allowedOrigins"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/app/static/icon.svg",
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/media/%2e%2e/%2e%2e/settings.py",
        "/component/customer_health_upload/../../../settings.py",
        "/bidi-components/x/..%2f..%2fsettings.py",
        "/..%5csettings.py",
        "//evil.example/%2e%2e",
    ],
)
def test_no_file_but_the_pages_own_is_served(path: str, dashboard: httpx.Client) -> None:
    secret = re.compile("DEFAULT_PASSWORD|<svg")
    assert secret.search((PROJECT_ROOT / "settings.py").read_text(encoding="utf-8"))
    answer = dashboard.get(path)
    assert answer.status_code < 500
    assert not secret.search(answer.text)
    assert "evil" not in answer.headers.get("location", "")
