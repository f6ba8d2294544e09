"""`python -m api`: the REST API as the product runs it, with uvicorn's own options."""

import signal
import sys
from types import FrameType
from typing import NoReturn

import uvicorn

GRACE_SECONDS = 20
"""What requests under way may take at a stop: more than waiting for a connection and a statement
together (`db.engine`), so that each of them is answered."""


def main() -> None:
    """Serve until SIGTERM or Ctrl-C; ends with code 0 once every request is answered."""
    signal.signal(signal.SIGTERM, _stopped)
    options = [f"--timeout-graceful-shutdown={GRACE_SECONDS}"]
    options += ["--http=api.patience:PatientProtocol"]
    options += ["--no-proxy-headers"]  # `api.client_address` reads them
    options += ["--ws=none"]  # there are none, and half a handshake would never be answered
    uvicorn.main(["api.main:app", *options, *sys.argv[1:]])


def _stopped(_number: int, _frame: FrameType | None) -> NoReturn:
    """uvicorn raises the signal again when it has stopped in order: that is no failure."""
    sys.exit(0)


if __name__ == "__main__":
    main()
