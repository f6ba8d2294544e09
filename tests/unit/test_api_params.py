"""Query parameters before any route reads them."""

import asyncio
import time

import pytest
from fastapi import Request

from api.params import refuse_repeated
from api.problems import ProblemError

pytestmark = pytest.mark.unit


def asking(query: str) -> Request:
    return Request({"type": "http", "query_string": query.encode(), "headers": []})


def test_only_filters_may_repeat() -> None:
    asyncio.run(refuse_repeated(asking("status=healthy&status=critical&owner=a&owner=b&limit=5")))
    with pytest.raises(ProblemError, match="limit: Given more than once"):
        asyncio.run(refuse_repeated(asking("status=healthy&limit=5&limit=5")))


def test_as_many_names_as_a_request_can_hold_take_no_time() -> None:
    started = time.monotonic()
    asyncio.run(refuse_repeated(asking("&".join(f"{number:x}" for number in range(20_000)))))
    assert time.monotonic() - started < 2
