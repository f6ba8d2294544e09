"""A file on its way from a browser to this process's disk, a piece at a time."""

import weakref
from pathlib import Path
from uuid import uuid4

MAX_BYTES = 2 * 10**9

TOO_LARGE = "The file is larger than 2 GB. Split it: importing the parts one by one does the same."
NO_ROOM = "The server can't keep the file: {reason}. Nothing was imported."


class Spool:
    """What has arrived of one file. Its copy on disk goes when this object does.

    Args:
        folder: private to this process; what the visitor calls the file is no part of a path.
        name: the visitor's name for it, only shown.
        size: of the whole file, in bytes.
    """

    def __init__(self, folder: Path, *, name: str, size: int) -> None:
        self.name = name
        self.size = size
        self.received = 0
        self.problem: str | None = TOO_LARGE if size > MAX_BYTES else None
        self.path = folder / f"{uuid4().hex}.csv"
        self._delete = weakref.finalize(self, self.path.unlink, missing_ok=True)
        self.append(0, b"")

    @property
    def complete(self) -> bool:
        """Whether every byte is on the disk."""
        return self.problem is None and self.received == self.size

    def append(self, offset: int, content: bytes) -> None:
        """Takes the next piece. One that is held already, sent twice, is passed over."""
        if self.problem or offset != self.received or offset + len(content) > self.size:
            return
        try:
            with self.path.open("ab") as file:
                file.write(content)
        except OSError as error:
            self.problem = NO_ROOM.format(reason=error.strerror)
            self.discard()
        else:
            self.received += len(content)

    def discard(self) -> None:
        """Deletes the copy on disk."""
        self._delete()
