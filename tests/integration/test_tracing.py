"""Spans go to the collector that the standard variables name: a real one, on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.api_server import running_api

pytestmark = pytest.mark.integration

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
ACME = {"name": "Acme", "email": "zoe.secret@private.example", "segment": "smb"}


@contextmanager
def collector() -> Iterator[tuple[str, list[Span], list[str]]]:
    """A receiver of OTLP over HTTP: its address, the spans, and the services they are of."""
    spans: list[Span] = []
    services: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest()
            sent.ParseFromString(self._unpacked())
            for resource in sent.resource_spans:
                names = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
                services.append(names["service.name"])
                spans.extend(span for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _unpacked(self) -> bytes:
            assert self.path == "/v1/traces"
            return self.rfile.read(int(self.headers["Content-Length"]))

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", spans, services
        server.shutdown()


def attributes(span: Span) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in span.attributes}


def test_requests_and_statements_are_sent_without_what_clients_wrote(
    server_env: dict[str, str],
) -> None:
    with collector() as (address, spans, services):
        environment = server_env | {"OTEL_EXPORTER_OTLP_ENDPOINT": address}
        told: list[str] = []
        with (
            running_api(
                environment | {"LOG_LEVEL": "info", "LOG_FORMAT": "json"}, told=told
            ) as url,
            httpx.Client(base_url=url, timeout=30) as client,
        ):
            client.post("/api/customers", json=ACME).raise_for_status()
            client.get("/api/customers?q=zoe.secret", headers=PARENT).raise_for_status()
            client.get("/zoe.secret")
            client.post("/api/customers/1/events", json={"event_type": "login"}).raise_for_status()
        # The process has ended: what it had to send is here.
    assert set(services) == {"customer-health-api"}
    requests = {span.name: span for span in spans if span.kind == Span.SPAN_KIND_SERVER}
    assert {"POST /api/customers", "GET /api/customers", "GET"} <= set(requests)
    assert "POST /api/customers/{customer_id}/events" in requests
    followed = requests["GET /api/customers"]
    assert followed.trace_id.hex() == TRACE
    assert any(TRACE in line and "GET /api/customers 200" in line for line in told)
    statements = [span for span in spans if span.parent_span_id == followed.span_id]
    assert any("SELECT" in str(attributes(span)) for span in statements)
    assert not [span for span in spans if "zoe.secret" in str(span)]


def test_without_the_packages_one_line_says_so(server_env: dict[str, str], tmp_path: Path) -> None:
    hidden = tmp_path / "opentelemetry" / "sdk"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ModuleNotFoundError(__name__)")
    environment = server_env | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "PYTHONPATH": f"{tmp_path}:{server_env['PYTHONPATH']}",
    }
    told: list[str] = []
    with running_api(environment, told=told) as url:
        assert httpx.get(f"{url}/api/customers").status_code == 200
    (line,) = [line for line in told if "OTEL_" in line]
    assert "make install-otel" in line
    assert "Traceback" not in "".join(told)
