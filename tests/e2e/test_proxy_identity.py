"""The shipped proxy lets nobody say who they are, unless a proxy in front of it is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.e2e.test_proxy import nginx, until
from tests.support.dns import name_server
from tests.support.ports import free_port
from tests.support.signing_in import PEOPLE
from ui.identity import HEADER

pytestmark = pytest.mark.e2e


class _Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = "; ".join(self.headers.get_all(HEADER, [])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def echo() -> Iterator[int]:
    """The port of a server that answers with who a request says it is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("dashboard_auth", "arrives"),
    [("", ""), ("oidc", ""), ("none", ""), ("proxy", PEOPLE["admin"])],
)
def test_who_somebody_claims_to_be_arrives_only_where_a_proxy_is_named(
    tmp_path: Path, dashboard_auth: str, arrives: str
) -> None:
    listen, machines = free_port(), free_port()
    with echo() as port, name_server({"app": ["127.0.0.1"], "api": ["127.0.0.1"]}) as dns:
        values = {
            "DASHBOARD_LISTEN": f"127.0.0.1:{listen}",
            "API_LISTEN": f"127.0.0.1:{machines}",
            "DASHBOARD_UPSTREAM": f"app:{port}",
            "API_UPSTREAM": f"api:{port}",
            "DNS_RESOLVER": f"127.0.0.1:{dns}",
            "DASHBOARD_AUTH": dashboard_auth,
        }
        with nginx(tmp_path, values):
            until(lambda: httpx.get(f"http://127.0.0.1:{listen}/"), "the proxy")
            for path in ("/", "/_stcore/stream", "/api/customers"):
                for name in (HEADER, HEADER.lower(), HEADER.replace("-", "_")):
                    answer = httpx.get(
                        f"http://127.0.0.1:{listen}{path}", headers={name: PEOPLE["admin"]}
                    )
                    assert answer.is_success
                    assert answer.text == ("" if "_" in name else arrives), (path, name)
