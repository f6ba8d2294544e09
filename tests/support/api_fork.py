"""Imports the API once, and serves it from a fork of its own for each line on standard input.

A line is a port, the answer the fork's process id: a start without the second that imports take.
"""

import os
import sys
from contextlib import suppress

import uvicorn

from api.main import app

print("imported", flush=True)
while line := sys.stdin.readline():
    pid = os.fork()
    if not pid:
        uvicorn.run(app, port=int(line), log_level="warning", access_log=False)
        os._exit(0)
    print(pid, flush=True)
    with suppress(ChildProcessError):  # bury those that were killed
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
