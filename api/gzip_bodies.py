"""Gzip request bodies, unpacked while they come in and never beyond what is asked for."""

import zlib

GZIP = 16 + zlib.MAX_WBITS
MAX_MEMBERS = 1_000
"""Of one body: an empty member costs time and gives nothing to count."""


class GzipError(ValueError):
    """Not a whole gzip stream; `str()` says what is wrong."""


class TooLargeError(ValueError):
    """More than was asked for."""


class GzipReader:
    """Unpacks a stream of gzip members of at most `limit` bytes together."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._members = 0
        self._unpack = zlib.decompressobj(GZIP)
        self._begun = False

    def feed(self, packed: bytes) -> bytes:
        """What these bytes unpack to.

        Raises:
            GzipError: they aren't gzip.
            TooLargeError: it would be more than the limit. No more than that is ever unpacked.
        """
        unpacked = bytearray()
        while packed:
            if self._unpack.eof:
                self._next_member()
            try:
                part = self._unpack.decompress(packed, self._left + 1)
            except zlib.error:
                raise GzipError("The body is not valid gzip.") from None
            self._begun = True
            if len(part) > self._left:
                raise TooLargeError
            self._left -= len(part)
            unpacked += part
            packed = self._unpack.unused_data if self._unpack.eof else self._unpack.unconsumed_tail
        return bytes(unpacked)

    def finish(self) -> None:
        """Say that nothing follows.

        Raises:
            GzipError: the last member is not complete.
        """
        if self._begun and not self._unpack.eof:
            raise GzipError("The gzip body ends too early.")

    def _next_member(self) -> None:
        self._members += 1
        if self._members >= MAX_MEMBERS:
            raise GzipError(f"The gzip body has more than {MAX_MEMBERS} members.")
        self._unpack = zlib.decompressobj(GZIP)
