"""Spans for an OpenTelemetry collector, where its standard variables name one.

FastAPI makes a span a request by itself as soon as there is somebody to send it to.
"""

import logging
import os
from typing import TYPE_CHECKING

from opentelemetry import trace
from sqlalchemy import Engine

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import Span

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SERVICE = "customer-health-api"
CLIENTS_WORDS = ("url.path", "url.query", "server.address")
"""Attributes of a request's span that hold what its client wrote."""
MISSING = "%s is set, but the packages it needs are not installed: run `make install-otel`"

log = logging.getLogger(__name__)


def start() -> bool:
    """Send this process's spans where the variables say; whether they say so."""
    asked = next((name for name in ENDPOINTS if os.environ.get(name)), None)
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if asked is None or off or os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    try:
        _send_spans()
    except ImportError:
        log.warning(MISSING, asked)
        return False
    return True


def follow(engine: Engine) -> None:
    """Make a span of each of this engine's statements; their values are not in it."""
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

    # It wasn't told of SQLAlchemy 2.1 yet, whose events are those of 2.0; a test reads its spans.
    SQLAlchemyInstrumentor().instrument(engine=engine, skip_dep_check=True)


def _send_spans() -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation import sqlalchemy  # noqa: F401 - missing now, or never
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class WithoutPrivateParts(SpanProcessor):
        """Blanks what a client wrote into the address before anything is sent."""

        def on_start(
            self,
            span: "Span",
            parent_context: "Context | None" = None,  # noqa: ARG002 - the SDK hands it over
        ) -> None:
            for name in CLIENTS_WORDS:
                if name in (span.attributes or {}):
                    span.set_attribute(name, "")

    named = Resource.create({"service.name": SERVICE}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=named)
    provider.add_span_processor(WithoutPrivateParts())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
