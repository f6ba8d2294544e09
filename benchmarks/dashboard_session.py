"""A visitor of the dashboard without a browser: what a browser's tab says over the websocket."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

SECONDS = 60.0


class Run(NamedTuple):
    """One run of a page's script, from the request to the last message of it."""

    seconds: float
    sent_bytes: int


@contextmanager
def open_tab(port: int) -> Iterator["DashboardSession"]:
    """One visitor's open tab; it stays until the block ends."""
    with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        open_timeout=SECONDS,
        max_size=None,
    ) as socket:
        yield DashboardSession(socket)


class DashboardSession:
    """What a tab's visitor does."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def run(self, page: str, query: str = "") -> Run:
        """Run a page (its path, "" for the first), as opening or clicking there would.

        Raises:
            RuntimeError: the page's script ended with an exception.
        """
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        start = time.perf_counter()
        self._socket.send(message.SerializeToString())
        size = 0
        while True:
            data = bytes(self._socket.recv(timeout=SECONDS, decode=False))
            size += len(data)
            answer = ForwardMsg()
            answer.ParseFromString(data)
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.new_element.WhichOneof("type") == "exception":
                raise RuntimeError(f"page {page!r}: {answer.delta.new_element.exception.message}")
            if kind == "page_not_found":
                raise RuntimeError(f"page {page!r} is not found")
            if kind == "script_finished" and answer.script_finished == 0:
                return Run(time.perf_counter() - start, size)

    def clear_caches(self) -> None:
        """Empty every cache of the process, as the menu's entry does."""
        message = BackMsg()
        message.clear_cache = True
        self._socket.send(message.SerializeToString())
