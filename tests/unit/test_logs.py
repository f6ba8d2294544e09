"""What a log line holds, and what it never does."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import psycopg2.errors
import pytest
from sqlalchemy.exc import IntegrityError

from services.current_request import CurrentRequest, current_request
from services.logs import JsonLines, TextLines
from services.safe_traceback import safe_traceback
from settings import PROJECT_ROOT

pytestmark = pytest.mark.unit

SECRET = "s3cret-of-Ada"


@pytest.fixture
def request_id() -> Iterator[str]:
    token = current_request.set(CurrentRequest("abc-1"))
    yield "abc-1"
    current_request.reset(token)


def record(message: str, *, failure: bool = False) -> logging.LogRecord:
    found = None
    if failure:
        try:
            try:
                int(SECRET)
            except ValueError as error:
                raise KeyError(SECRET) from error
        except KeyError:
            found = sys.exc_info()
    return logging.LogRecord("api.x", logging.ERROR, __file__, 1, message, None, found)


def test_a_json_line_is_one_object_of_ascii(request_id: str) -> None:
    told = record("first, ‮ turned")
    told.fields = {"status": 503}
    line = JsonLines(safe=True).format(told)
    assert line.isascii()
    said = json.loads(line)
    assert said.pop("time").endswith("+00:00")
    assert said == {
        "level": "error",
        "logger": "api.x",
        "message": "first, ‮ turned",
        "request_id": request_id,
        "status": 503,
    }


def test_what_a_library_appends_is_left_out_of_json_only() -> None:
    told = record(f"Task exception was never retrieved\nfuture: ValueError('{SECRET}')")
    assert SECRET not in JsonLines(safe=True).format(told)
    assert SECRET in TextLines(safe=False).format(told)


def test_a_text_line_says_when_who_and_what(request_id: str) -> None:
    line = TextLines(safe=False).format(record("it broke", failure=True))
    first, *rest = line.splitlines()
    assert first.endswith(f" ERROR api.x: it broke [request {request_id}]")
    assert rest[-1] == f"KeyError: '{SECRET}'"


def test_what_ends_a_thread_or_the_process_is_told_without_its_message() -> None:
    program = f"""
import threading
from services import logs
from settings import Settings
logs.configure(Settings(log_format="json"))
thread = threading.Thread(target=int, args=["{SECRET}"], name="counter")
thread.start()
thread.join()
int("{SECRET}")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["message"] for line in told] == ["the thread counter ended", "the process ends"]
    assert all(line["exception"].endswith("\nValueError") for line in told)
    assert SECRET not in done.stderr


def test_a_safe_traceback_says_where_and_what_kind() -> None:
    said = json.loads(JsonLines(safe=True).format(record("it broke", failure=True)))["exception"]
    assert "test_logs.py" in said
    assert "ValueError\n" in said
    assert "direct cause" in said
    assert said.endswith("KeyError")
    assert SECRET not in said


def test_a_databases_error_keeps_its_code_and_no_row() -> None:
    original = psycopg2.errors.CheckViolation(f"violates it\nDETAIL: Failing row ({SECRET})")
    try:
        raise IntegrityError("INSERT", None, original) from original
    except IntegrityError as error:
        said = safe_traceback(error)
    assert SECRET not in said
    assert "sqlalchemy.exc.IntegrityError" in said
    assert "psycopg2.errors.CheckViolation" in said
