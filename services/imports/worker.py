"""A process that stores batches, as `workers.PROGRAM` starts it.

A program of its own rather than a fork or a spawned copy of the caller: the caller may be a
Streamlit page with threads and connections. When the caller dies, its end of the pipe closes,
and the worker ends after the batch that it is at.
"""

import gc
import logging
import marshal
import pickle
from contextlib import suppress
from multiprocessing.connection import Connection

from db.engine import dispose_engine
from services.imports.storing import Job, storer


def main(descriptor: int) -> int:
    """Store one batch after another until the caller closes the pipe."""
    pipe = Connection(descriptor)
    # What the pool logs of a lost connection, with a traceback, is raised as well.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    try:
        job: Job = pipe.recv()
        store = storer(job)
        # A batch is many objects and no cycles: looking for some took a third of the time.
        gc.freeze()
        gc.set_threshold(200_000)
        gc.enable()
        pipe.send(None)
        while True:
            pipe.send(store(marshal.loads(pipe.recv_bytes())))  # noqa: S302 - our own
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return 0
    except Exception as error:  # the caller has to hear of it, whatever it is
        with suppress(OSError):  # unless it is gone already, after another worker's error
            pipe.send(_portable(error))
        return 1
    finally:
        dispose_engine()


def _portable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
