"""The image's health check: `python deploy/healthcheck.py [--session] URL` exits 0 when well.

With --session URL is a dashboard. Streamlit 1.67 greets the first session of a process
that opens a deep link with "Page not found" when a folder `pages/` lies beside app.py.
So the first check after a start opens a session on `/` itself, and only then says well.
"""

import sys
import tempfile
import urllib.request
from pathlib import Path

TIMEOUT = 4.0
# In a folder that a restart of the container empties (compose mounts a tmpfs there).
OPENED = Path(tempfile.gettempdir()) / "customer-health-session-opened"


def answers(url: str) -> None:
    """Returns when the URL answers with a success.

    Raises:
        OSError: it does not.
    """
    with urllib.request.urlopen(url, timeout=TIMEOUT):  # noqa: S310 - our own URL
        pass


def open_session(url: str) -> None:
    """Runs the dashboard's first page once, as a browser that opens `/` would."""
    # Imported here: the API's check runs every few seconds and needs none of it.
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    address = url.replace("http", "ws", 1).rstrip("/") + "/_stcore/stream"
    rerun = BackMsg()
    rerun.rerun_script.query_string = ""
    with connect(
        address, subprotocols=[Subprotocol("streamlit")], open_timeout=TIMEOUT, max_size=None
    ) as socket:
        socket.send(rerun.SerializeToString())
        message = ForwardMsg()
        while message.WhichOneof("type") != "script_finished":
            message.ParseFromString(bytes(socket.recv(timeout=TIMEOUT, decode=False)))


def main(arguments: list[str]) -> int:
    """Checks what the arguments name; 0 is well, 1 is not, as Docker wants it."""
    try:
        if arguments[0] != "--session":
            answers(arguments[0])
            return 0
        answers(arguments[1].rstrip("/") + "/_stcore/health")
        if not OPENED.exists():
            open_session(arguments[1])
            OPENED.touch()
    except Exception as error:
        print(f"unhealthy: {error}", file=sys.stderr)  # noqa: T201 - shown by `docker inspect`
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
