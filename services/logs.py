"""What a process says: one line a record on standard error, JSON in production.

In production, and in JSON anywhere, no line holds anybody's data: exceptions come without their
messages, libraries' records without what they append after the first line. Our own records name
ids, codes and counts only. As text, while developing, all of it is told.
"""

import json
import logging
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from opentelemetry.trace import format_trace_id, get_current_span

from services.current_request import current_request
from services.safe_traceback import safe_traceback
from settings import Settings

UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")

log = logging.getLogger(__name__)

_ENCODER = json.JSONEncoder(default=str)


class _Handler(logging.StreamHandler[TextIO]):
    """The one of this process."""


class JsonLines(logging.Formatter):
    """A JSON object a record; `extra={"fields": {…}}` adds to it."""

    def __init__(self, *, safe: bool) -> None:
        super().__init__()
        self._safe = safe

    def format(self, record: logging.LogRecord) -> str:
        """The line, in ASCII: nothing in it can end it early or turn a terminal around."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record, self._safe),
        }
        if (request := current_request.get()) is not None:
            said["request_id"] = request.id
        if (span := get_current_span().get_span_context()).is_valid:
            said["trace_id"] = format_trace_id(span.trace_id)
        fields: Mapping[str, Any] | None = getattr(record, "fields", None)
        said.update(fields or {})
        if (exception := _exception(self, record, self._safe)) is not None:
            said["exception"] = exception
        return _ENCODER.encode(said)


class TextLines(logging.Formatter):
    """A line for a person, and a traceback below it."""

    def __init__(self, *, safe: bool) -> None:
        super().__init__()
        self._safe = safe

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, who says it and what; then the request it is about."""
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        line = f"{moment} {record.levelname} {record.name}: {_message(record, self._safe)}"
        if (request := current_request.get()) is not None:
            line += f" [request {request.id}]"
        exception = _exception(self, record, self._safe)
        return line if exception is None else f"{line}\n{exception}"


def configure(settings: Settings) -> None:
    """Send every record of this process the settings' way; uvicorn's too, but its access log.

    That one would repeat paths and query strings; `api.request_context` has our own.
    """
    root = logging.getLogger()
    root.setLevel(settings.log_threshold.upper())
    handler = next((each for each in root.handlers if isinstance(each, _Handler)), None)
    if handler is None:
        handler = _Handler(sys.stderr)
        root.addHandler(handler)
    lines = JsonLines if settings.logs_json else TextLines
    safe = settings.logs_json or settings.environment == "production"
    handler.setFormatter(lines(safe=safe))
    for name in UVICORN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
        logger.addFilter(_tells_no_path)
    logging.captureWarnings(capture=True)
    # Where somebody else listens already, such as a test runner, it stays so.
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _died
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _thread_died


def _tells_no_path(record: logging.LogRecord) -> bool:
    """Uvicorn tells of websockets with the client's address and the query string."""
    return '"WebSocket ' not in str(record.msg)


def _message(record: logging.LogRecord, safe: bool) -> str:
    message = record.getMessage()
    return message.partition("\n")[0] if safe else message


def _exception(formatter: logging.Formatter, record: logging.LogRecord, safe: bool) -> str | None:
    if not record.exc_info or record.exc_info[1] is None:
        return None
    if safe:
        return safe_traceback(record.exc_info[1])
    return formatter.formatException(record.exc_info)


def _died(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("the process ends", exc_info=(kind, error, trace))


def _thread_died(said: threading.ExceptHookArgs) -> None:
    if said.exc_value is not None and not isinstance(said.exc_value, SystemExit):
        name = said.thread.name if said.thread else "unknown"
        log.error("the thread %s ended", name, exc_info=said.exc_value)
