"""What a page asks of the database and sends to the browser doesn't grow with its visitors or
with the customers that it does not show."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from services import scorer
from services.clock import utc_now
from tests.app.arrange import add_customer, worked_example
from tests.app.conftest import OpenPage
from ui import page

pytestmark = pytest.mark.app

SECONDS = 30
ONLY_WHETHER_ANYBODY_EXISTS = 1


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that are executed inside."""
    executed: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        executed.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield executed
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (page.OVERVIEW, {}),
        (page.CUSTOMERS, {}),
        (page.CUSTOMER, {"id": ""}),
        (page.RECORD_EVENT, {}),
    ],
    ids=["overview", "customers", "customer", "record event"],
)
def test_a_second_visitor_reads_what_the_first_one_read(
    open_page: OpenPage, session: Session, engine: Engine, path: str, query: dict[str, str]
) -> None:
    customer_id = worked_example(session)
    first = open_page(path, {name: str(customer_id) for name in query})
    second = open_page(path, {name: str(customer_id) for name in query})
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:  # what is kept for a second may be gone by then
        first.run()
        with statements(engine) as executed:
            second.run()
        if len(executed) == ONLY_WHETHER_ANYBODY_EXISTS:
            return
    pytest.fail(f"the second visitor asked again: {executed}")


def names_sent(at: AppTest) -> set[str]:
    """Names of customers in anything that went to the browser."""
    protos = (getattr(node, "proto", None) for node in at._tree)
    sent = b"".join(proto.SerializeToString() for proto in protos if proto is not None)
    return set(re.findall(r"Sent\d\d", sent.decode("utf-8", "replace")))


def test_only_the_customers_on_the_page_are_sent(open_page: OpenPage, session: Session) -> None:
    for number in range(40):
        add_customer(session, f"Sent{number:02}")
    scorer.drain(session, now=utc_now())
    session.commit()
    assert len(names_sent(open_page(page.OVERVIEW))) <= 5
    assert len(names_sent(open_page(page.CUSTOMERS))) == 15
