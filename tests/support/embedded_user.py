"""A real second process that uses the embedded database: `embedded_user.py DATA_DIR [UID]`.

Prints one line once the database answers, and leaves it when its standard input ends.
With UID it gives up root first (after its imports: the interpreter may be root's alone).
"""

import logging
import os
import sys
from pathlib import Path

from sqlalchemy import create_engine

from db.embedded import EmbeddedError, EmbeddedServer

if len(sys.argv) > 2:
    user = int(sys.argv[2])
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
logging.basicConfig(level="WARNING", format="%(message)s")
try:
    server = EmbeddedServer(Path(sys.argv[1]))
except EmbeddedError as error:
    sys.exit(str(error))
engine = create_engine(server.url)
with engine.connect():
    print(server.url.query["host"], flush=True)
engine.dispose()
sys.stdin.read()
server.close()
